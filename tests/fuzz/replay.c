/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for libFuzzer's main: runs the target on each file named, and on those in each directory named. */
#include <dirent.h>
#include <errno.h>

#include "fuzz.h"

enum { INPUT_MAX = 1 << 20 };

static unsigned replayed;

static int replay_file(const char *path)
{
	static char data[INPUT_MAX];
	FILE *file = fopen(path, "rb");
	size_t size;
	int err;

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	size = fread(data, 1, sizeof(data), file);
	err = ferror(file);
	fclose(file);
	if (err) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return -1;
	}
	fprintf(stderr, "%s\n", path);	/* the last one named is the one that crashed */
	LLVMFuzzerTestOneInput((const uint8_t *)data, size);
	replayed++;
	return 0;
}

static int replay_dir(DIR *dir, const char *path)
{
	struct dirent *entry;
	char name[4096];
	int ret = 0;

	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if ((size_t)snprintf(name, sizeof(name), "%s/%s", path, entry->d_name) >= sizeof(name))
			ret = -1;
		else
			ret |= replay_file(name);
	}
	closedir(dir);
	return ret;
}

int main(int argc, char **argv)
{
	int ret = 0;

	for (int i = 1; i < argc; i++) {
		DIR *dir;

		if (argv[i][0] == '-') {
			fprintf(stderr, "%s only replays (to fuzz: ./configure --enable-fuzzing CC=clang)\n",
				argv[0]);
			return 2;
		}
		dir = opendir(argv[i]);
		ret |= dir ? replay_dir(dir, argv[i]) : replay_file(argv[i]);
	}
	if (!ret && !replayed) {
		fprintf(stderr, "%s: nothing to replay\n", argv[0]);
		ret = -1;
	}
	if (!ret)
		fprintf(stderr, "replayed %u\n", replayed);
	return ret ? 1 : 0;
}
