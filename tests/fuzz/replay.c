/*
 * replay.c - runs a fuzz target over files, without a fuzzer: TARGET FILE|DIRECTORY...
 * Prints how many there were. What does not hold ends it, as a crash does.
 */
#include "config.h"

#include <dirent.h>

#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (1U << 20)

static unsigned run_file(const char *path)
{
	FILE *f = fopen(path, "re");
	uint8_t *bytes = malloc(INPUT_MAX), *input;
	size_t size = f ? fread(bytes, 1, INPUT_MAX, f) : 0;

	CLAIM(f && bytes && !ferror(f));
	fclose(f);
	/* of its very size, so that ASan sees what is read past its end */
	input = malloc(size ? size : 1);
	CLAIM(input);
	memcpy(input, bytes, size);
	free(bytes);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(input, size);
	free(input);
	return 1;
}

static unsigned run_path(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	char file[4096];
	unsigned count = 0;

	if (!d)
		return run_file(path);
	while ((entry = readdir(d))) {
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		count += entry->d_name[0] != '.' ? run_path(file) : 0;
	}
	closedir(d);
	return count;
}

int main(int argc, char **argv)
{
	unsigned count = 0;

	for (int i = 1; i < argc; i++)
		count += run_path(argv[i]);
	printf("%u inputs\n", count);
	return 0;
}
