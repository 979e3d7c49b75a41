/* SPDX-License-Identifier: GPL-2.0-or-later */
/* parse_psi(): what is present is a number, what is not is 0, and a text without any field is malformed. */
#include <errno.h>

#include "fuzz.h"
#include "parse/psi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);
	struct parse_psi psi;
	int ret = parse_psi(text, size, &psi);

	FUZZ_CHECK(ret == 0 || ret == -EBADMSG);
	if (!ret) {
		FUZZ_CHECK(psi.have && !(psi.have >> PSI_COUNT));
		FUZZ_CHECK(text[size - 1] == '\n');
		for (int i = 0; i < PSI_COUNT; i++)
			FUZZ_CHECK(psi.have & 1u << i ? psi.v[i] >= 0 : !psi.v[i]);
		for (int i = PSI_SOME_TOTAL; i < PSI_COUNT; i += PSI_FULL_TOTAL - PSI_SOME_TOTAL)
			FUZZ_CHECK(psi.v[i] % 1000 == 0);
	}
	free(text);
	return 0;
}
