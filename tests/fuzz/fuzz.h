/*
 * fuzz.h - what every fuzz target has: its entry, claims, and its input taken apart.
 *
 * A target is one file with LLVMFuzzerTestOneInput(). libFuzzer and AFL++ drive it
 * (tests/fuzz/run), or replay.c, which `make check` has (tests/fuzz/replay.sh).
 */
#ifndef DFOTA_TESTS_FUZZ_H
#define DFOTA_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the input is. */
#define CLAIM(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* An input that is taken apart from its beginning. */
struct input {
	const uint8_t *at;
	size_t left;
};

static inline unsigned take_byte(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->at++;
}

/* The bytes up to the next SEPARATOR, which is left out, or to the end. */
static inline struct input take_until(struct input *in, char separator)
{
	const uint8_t *end = in->left > 0 ? memchr(in->at, separator, in->left) : NULL;
	struct input part = { in->at, end ? (size_t)(end - in->at) : in->left };

	in->at += part.left;
	in->left -= part.left;
	take_byte(in);
	return part;
}

/* PART as a C string, cut at a NUL and to OUT_SIZE. Returns OUT. */
static inline char *text_of(struct input part, char *out, size_t out_size)
{
	size_t size = part.left < out_size ? part.left : out_size - 1;

	if (size > 0)
		memcpy(out, part.at, size);
	out[size] = '\0';
	return out;
}

/* A file with these bytes, the same one for each input, as most of the time would go into
 * making it; PATH leads to it. */
static inline int file_of(struct input content, char path[32])
{
	static int fd = -1;

	if (fd < 0)
		CLAIM((fd = memfd_create("fuzz", MFD_CLOEXEC)) >= 0 && fchmod(fd, 0600) == 0);
	CLAIM(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	CLAIM(content.left == 0 || pwrite(fd, content.at, content.left, 0) == (ssize_t)content.left);
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

#endif
