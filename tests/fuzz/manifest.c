/* A manifest that is accepted is well-formed, and written again it reads the same. */
#include "config.h"

#include "package/package.h"
#include "tests/fuzz/safe.h"

static void check_text(const char *text, size_t room)
{
	size_t size = strnlen(text, room);

	CLAIM(size > 0 && size < room);
	for (size_t i = 0; i < size; i++)
		CLAIM(text[i] >= 0x20 && text[i] <= 0x7e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct manifest m, again;
	struct err e;
	char path[32], written[96], *dir;

	file_of((struct input){ data, size }, path);
	if (manifest_read(path, &m, &e) < 0) {
		claim_words(&e);
		return 0;
	}
	check_text(m.model, sizeof(m.model));
	check_text(m.from, sizeof(m.from));
	check_text(m.to, sizeof(m.to));
	CLAIM(m.size > 0 && strspn(m.sha256, "0123456789abcdef") == 64 && m.sha256[64] == '\0');
	dir = getenv("TMPDIR");
	snprintf(written, sizeof(written), "%s/dfota-fuzz.%d", dir ? dir : access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp", (int)getpid());
	CLAIM(manifest_write(written, &m, &e) == 0);
	CLAIM(manifest_read(written, &again, &e) == 0);
	unlink(written);
	CLAIM(m.size == again.size && strcmp(m.model, again.model) == 0 && strcmp(m.from, again.from) == 0 &&
	      strcmp(m.to, again.to) == 0 && strcmp(m.sha256, again.sha256) == 0);
	return 0;
}
