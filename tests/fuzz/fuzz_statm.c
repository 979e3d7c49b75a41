/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse_statm() against the C library's reading of the same text. */
#include <inttypes.h>

#include "fuzz.h"
#include "parse/process.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct parse_statm statm;
	int ret = parse_statm(text, size, &statm);

	FUZZ_CHECK(ret == 0 || ret == -EBADMSG);
	if (!ret) {
		char *string = strndup(text, size);
		int64_t total, resident, shared;

		FUZZ_CHECK(string);
		FUZZ_CHECK(sscanf(string, "%" SCNd64 " %" SCNd64 " %" SCNd64, &total, &resident, &shared) == 3);
		FUZZ_CHECK(statm.size == total && statm.resident == resident && statm.shared == shared);
		FUZZ_CHECK(total >= 0 && resident >= 0 && shared >= 0);
		free(string);
	}
	free(text);
	return 0;
}
