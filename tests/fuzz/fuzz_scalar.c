/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of one number or one choice: a decimal number reads back as it was printed, a choice lies in the
 * first line. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include "fuzz.h"
#include "parse/scalar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size), number[32];
	int64_t value = 0, limit = 0, again;
	const char *choice;
	size_t choice_len;
	bool unlimited;
	int ret = parse_scalar(text, size, &value);

	FUZZ_CHECK(ret == 0 || ret == -EBADMSG);
	if (!ret) {
		int len = snprintf(number, sizeof number, "%" PRId64 "\n", value);

		FUZZ_CHECK(!parse_scalar(number, (size_t)len, &again) && again == value);
	}
	if (!parse_scalar_or_max(text, size, &limit, &unlimited)) {
		FUZZ_CHECK(limit >= 0 && (!unlimited || !limit));
		FUZZ_CHECK(unlimited || (!ret && value == limit));
	}
	ret = parse_choice(text, size, &choice, &choice_len);
	FUZZ_CHECK(ret == 0 || ret == -EBADMSG);
	if (!ret) {
		FUZZ_CHECK(choice >= text && choice_len && choice + choice_len <= text + size);
		FUZZ_CHECK(!memchr(text, '\n', (size_t)(choice + choice_len - text)));
	}
	free(text);
	return 0;
}
