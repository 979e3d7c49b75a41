/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/filter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/pattern.h"
#include "model/quantity.h"
#include "model/suggest.h"

enum { TEXT_MAX = 4096, NODES_MAX = 256, DEPTH_MAX = 64, SHOWN_MAX = 40 };

/* Unknown is neither true nor false: a test on a value without an amount must not select, negated or not. */
enum truth { FALSE, UNKNOWN, TRUE };

enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_TEST };

enum operator { OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_MATCH, OP_NOMATCH };

struct node {
	enum node_kind kind;
	uint16_t left, right;		/* operands of AND, OR; NOT uses left */
	enum operator op;
	const struct metric *metric;
	bool is_text;			/* compares TEXT or REGEX, else NUMBER */
	int64_t number;
	char *text;			/* OP_EQ and OP_NE on texts */
	bool has_regex;
	regex_t regex;
};

struct filter {
	struct node *nodes;
	unsigned count;
	unsigned root;
};

/* -- reading ---------------------------------------------------------------------------------------------- */

struct parser {
	const char *text;
	const char *at;
	struct filter *filter;
	unsigned depth;
	struct err *err;
};

static const struct {
	const char *text;
	enum operator op;
} operators[] = {	/* longer ones first */
	{ "==", OP_EQ }, { "!=", OP_NE }, { "<=", OP_LE }, { ">=", OP_GE }, { "!~", OP_NOMATCH },
	{ "<", OP_LT }, { ">", OP_GT }, { "~", OP_MATCH },
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(struct parser *parser)
{
	while (is_space(*parser->at))
		parser->at++;
}

static int column(const struct parser *parser, const char *at)
{
	return (int)(at - parser->text) + 1;
}

/* "column N: expected WHAT before 'rest'". */
static int expected(const struct parser *parser, const char *what)
{
	if (!*parser->at)
		return err_set(parser->err, "column %d: expected %s at the end", column(parser, parser->at),
			       what);
	return err_set(parser->err, "column %d: expected %s before '%.*s'", column(parser, parser->at), what,
		       SHOWN_MAX / 2, parser->at);
}

/* Index of a new node, or -1 with the error set. */
static int add_node(struct parser *parser, enum node_kind kind)
{
	struct filter *filter = parser->filter;

	if (filter->count == NODES_MAX)
		return err_set(parser->err,
			       "column %d: too many tests in one filter (at most %d tests and operators)",
			       column(parser, parser->at), NODES_MAX);
	filter->nodes[filter->count] = (struct node){ .kind = kind };
	return (int)filter->count++;
}

static bool is_field_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '%' || c == '/' || c == '-' || c == '.';
}

static int parse_field(struct parser *parser, struct node *node)
{
	const char *start = parser->at;

	while (is_field_byte(*parser->at))
		parser->at++;
	size_t len = (size_t)(parser->at - start);

	if (!len)
		return expected(parser, "a field");
	node->metric = metric_find(SCOPE_PROCESS, start, len);
	if (node->metric)
		return 0;
	const char *near = metric_suggest(SCOPE_PROCESS, start, len);

	return err_set(parser->err, "column %d: unknown field '%.*s' (%s%s%s)", column(parser, start),
		       len > SHOWN_MAX ? SHOWN_MAX : (int)len, start,
		       near ? "did you mean " : "-O lists the fields", near ? near : "", near ? "?" : "");
}

static int parse_operator(struct parser *parser, struct node *node)
{
	skip_space(parser);
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
		size_t len = strlen(operators[i].text);

		if (!strncmp(parser->at, operators[i].text, len)) {
			node->op = operators[i].op;
			parser->at += len;
			return 0;
		}
	}
	return expected(parser, "one of == != < <= > >= ~ !~");
}

static bool is_word_byte(char c)
{
	return c && !is_space(c) && !strchr("&|()\"'<>=!~", c);
}

/* A quoted text into WORD (NUL-terminated, TEXT_MAX bytes are enough). In "" a backslash before " stands for
 * it. */
static int parse_quoted(struct parser *parser, char *word, size_t *len)
{
	const char *start = parser->at;
	char quote = *parser->at++;

	*len = 0;
	for (; *parser->at && *parser->at != quote; parser->at++) {
		if (quote == '"' && parser->at[0] == '\\' && parser->at[1] == '"')
			parser->at++;
		word[(*len)++] = *parser->at;
	}
	word[*len] = '\0';
	if (!*parser->at)
		return err_set(parser->err, "column %d: the quote %c is never closed", column(parser, start),
			       quote);
	parser->at++;
	return 0;
}

static int parse_word(struct parser *parser, char *word, size_t *len)
{
	skip_space(parser);
	if (*parser->at == '"' || *parser->at == '\'')
		return parse_quoted(parser, word, len);
	for (*len = 0; is_word_byte(*parser->at); parser->at++)
		word[(*len)++] = *parser->at;
	word[*len] = '\0';
	return *len ? 0 : expected(parser, "a value");
}

static int set_text(const struct parser *parser, struct node *node, const char *word, const char *start)
{
	char why[120];

	node->is_text = true;
	switch (node->op) {
	case OP_EQ:
	case OP_NE:
		node->text = strdup(word);
		return node->text ? 0 : err_set(parser->err, "out of memory");
	case OP_MATCH:
	case OP_NOMATCH:
		if (pattern_compile(&node->regex, word, why, sizeof why))
			return err_set(parser->err, "column %d: bad regular expression '%.*s': %s",
				       column(parser, start), SHOWN_MAX, word, why);
		node->has_regex = true;
		return 0;
	default:
		return err_set(parser->err, "column %d: %s is text, which has no order (use == != ~ or !~)",
			       column(parser, start), node->metric->key);
	}
}

static int set_number(const struct parser *parser, struct node *node, const char *word, const char *start)
{
	if (node->op == OP_MATCH || node->op == OP_NOMATCH)
		return err_set(parser->err,
			       "column %d: %s is a number, ~ and !~ are for text (use == != < <= > or >=)",
			       column(parser, start), node->metric->key);
	int rc = quantity_parse(word, strlen(word), node->metric->unit, &node->number);

	if (rc)
		return err_set(parser->err, "column %d: '%.*s' is %s (%s takes %s)", column(parser, start),
			       SHOWN_MAX, word, rc == -ERANGE ? "too large" : "no number for this field",
			       node->metric->key, quantity_example(node->metric->unit));
	return 0;
}

static bool is_text_unit(enum unit unit)
{
	return unit == UNIT_TEXT || unit == UNIT_STATE || unit == UNIT_POLICY;
}

static int parse_test(struct parser *parser)
{
	char word[TEXT_MAX + 1];
	size_t len;
	int index = add_node(parser, NODE_TEST);

	if (index < 0)
		return -1;
	struct node *node = &parser->filter->nodes[index];

	if (parse_field(parser, node) || parse_operator(parser, node))
		return -1;
	skip_space(parser);
	const char *start = parser->at;

	if (parse_word(parser, word, &len))
		return -1;
	int rc = is_text_unit(node->metric->unit) ? set_text(parser, node, word, start) :
						    set_number(parser, node, word, start);
	return rc ? -1 : index;
}

static int parse_or(struct parser *parser);

static int parse_group(struct parser *parser)
{
	parser->at++;
	int inner = parse_or(parser);

	if (inner < 0)
		return -1;
	skip_space(parser);
	if (*parser->at != ')')
		return expected(parser, "&&, || or )");
	parser->at++;
	return inner;
}

static int parse_negation(struct parser *parser);

static int parse_not(struct parser *parser)
{
	int index;

	skip_space(parser);
	if (*parser->at != '!' && *parser->at != '(')
		return parse_test(parser);
	if (parser->depth == DEPTH_MAX)
		return err_set(parser->err, "column %d: nested too deeply (at most %d levels)",
			       column(parser, parser->at), DEPTH_MAX);
	parser->depth++;
	index = *parser->at == '(' ? parse_group(parser) : parse_negation(parser);
	parser->depth--;
	return index;
}

static int parse_negation(struct parser *parser)
{
	parser->at++;
	int operand = parse_not(parser);
	int index = operand < 0 ? -1 : add_node(parser, NODE_NOT);

	if (index >= 0)
		parser->filter->nodes[index].left = (uint16_t)operand;
	return index;
}

/* A chain of operands joined by OPERATOR ("&&" or "||"), to the left. */
static int parse_chain(struct parser *parser, const char *operator, enum node_kind kind,
		       int (*operand)(struct parser *))
{
	int left = operand(parser);

	while (left >= 0) {
		skip_space(parser);
		if (strncmp(parser->at, operator, 2) != 0)
			break;
		parser->at += 2;
		int right = operand(parser);
		int index = right < 0 ? -1 : add_node(parser, kind);

		if (index < 0)
			return -1;
		parser->filter->nodes[index].left = (uint16_t)left;
		parser->filter->nodes[index].right = (uint16_t)right;
		left = index;
	}
	return left;
}

static int parse_and(struct parser *parser)
{
	return parse_chain(parser, "&&", NODE_AND, parse_not);
}

static int parse_or(struct parser *parser)
{
	return parse_chain(parser, "||", NODE_OR, parse_and);
}

static int parse_all(struct parser *parser)
{
	int root = parse_or(parser);

	if (root < 0)
		return -1;
	skip_space(parser);
	if (*parser->at)
		return expected(parser, "&& or ||");
	parser->filter->root = (unsigned)root;
	return 0;
}

struct filter *filter_parse(const char *expression, struct err *err)
{
	if (strnlen(expression, TEXT_MAX + 1) > TEXT_MAX) {
		err_set(err, "column %d: the filter is longer than %d bytes", TEXT_MAX + 1, TEXT_MAX);
		return NULL;
	}
	struct filter *filter = calloc(1, sizeof *filter);
	struct node *nodes = calloc(NODES_MAX, sizeof *nodes);

	if (!filter || !nodes) {
		free(filter);
		free(nodes);
		err_set(err, "out of memory");
		return NULL;
	}
	filter->nodes = nodes;
	struct parser parser = { .text = expression, .at = expression, .filter = filter, .err = err };

	if (parse_all(&parser)) {
		filter_free(filter);
		return NULL;
	}
	return filter;
}

void filter_free(struct filter *filter)
{
	if (!filter)
		return;
	for (unsigned i = 0; i < filter->count; i++) {
		free(filter->nodes[i].text);
		if (filter->nodes[i].has_regex)
			regfree(&filter->nodes[i].regex);
	}
	free(filter->nodes);
	free(filter);
}

unsigned filter_needs(const struct filter *filter)
{
	unsigned needs = 0;

	for (unsigned i = 0; i < filter->count; i++)
		if (filter->nodes[i].kind == NODE_TEST)
			needs |= filter->nodes[i].metric->need;
	return needs;
}

/* -- matching --------------------------------------------------------------------------------------------- */

static enum truth truth_of(bool yes)
{
	return yes ? TRUE : FALSE;
}

static enum truth test_text(const struct node *node, const struct process *process)
{
	char buf[16];
	const char *text = process_text(process, (enum process_metric)node->metric->index, buf);

	if (!text)
		return UNKNOWN;
	bool same = node->has_regex ? !regexec(&node->regex, text, 0, NULL, 0) : !strcmp(text, node->text);

	return truth_of(node->op == OP_EQ || node->op == OP_MATCH ? same : !same);
}

static enum truth test_number(const struct node *node, const struct process *process)
{
	struct value value = process_value(process, (enum process_metric)node->metric->index);

	if (!value_has_amount(value.status))
		return UNKNOWN;
	switch (node->op) {
	case OP_EQ: return truth_of(value.amount == node->number);
	case OP_NE: return truth_of(value.amount != node->number);
	case OP_LT: return truth_of(value.amount < node->number);
	case OP_LE: return truth_of(value.amount <= node->number);
	case OP_GT: return truth_of(value.amount > node->number);
	case OP_GE: return truth_of(value.amount >= node->number);
	default: return UNKNOWN;
	}
}

/* Recursion is bounded by NODES_MAX. */
static enum truth evaluate(const struct filter *filter, unsigned index, const struct process *process)
{
	const struct node *node = &filter->nodes[index];
	enum truth left;

	if (node->kind == NODE_TEST)
		return node->is_text ? test_text(node, process) : test_number(node, process);
	left = evaluate(filter, node->left, process);
	if (node->kind == NODE_NOT)
		return (enum truth)(TRUE - left);
	if (left == (node->kind == NODE_AND ? FALSE : TRUE))
		return left;
	enum truth right = evaluate(filter, node->right, process);

	if (node->kind == NODE_AND)
		return left < right ? left : right;
	return left > right ? left : right;
}

bool filter_match(const struct filter *filter, const struct process *process)
{
	return evaluate(filter, filter->root, process) == TRUE;
}
