/* No secret comes through, in no spelling, also where a line end stands in it. */
#include "config.h"

#include "base/redact.h"
#include "tests/fuzz/fuzz.h"

#define ROOM 8192

/* Nothing but slashes stands between a colon and the slash at I. */
static bool behind_colon(const char *out, size_t i)
{
	while (i > 0 && out[i] == '/')
		i--;
	return out[i] == ':';
}

/* USER:PASSWORD@ behind any ":/" and further slashes shows stars only. */
static void check_userinfo(const char *out, size_t size)
{
	for (size_t i = 2; i < size; i++) {
		size_t at = 0;

		if (out[i] == '/' || out[i - 1] != '/' || !behind_colon(out, i - 1))
			continue;
		for (size_t k = i; k < size && !(out[k] && strchr("/\" \t", out[k])); k++)
			at = out[k] == '@' ? k : at;
		for (size_t k = i; k < at; k++)
			CLAIM(out[k] == '*' || out[k] == ':');
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	static char out[ROOM], all[ROOM];
	static struct redactor r;
	char user[160], password[160];
	struct err e;
	size_t secret, used, total = 0;

	redactor_init(&r);
	text_of(take_until(&in, '\n'), user, sizeof(user));
	text_of(take_until(&in, '\n'), password, sizeof(password));
	secret = redactor_add_login(&r, user, password, &e) == 0 ? strlen(password) : 0;
	while (in.left > 0) {
		struct input line = take_until(&in, '\n');

		used = redact(&r, out, sizeof(out), line.at, line.left);
		CLAIM(used < sizeof(out) && out[used] == '\0');
		CLAIM(line.left > REDACTOR_LINE_MAX || secret > 0 || used <= 3 * line.left);
		check_userinfo(out, used);
		/* single signs stand for nothing; a star may be one of ours, at the end of what is shown of the line */
		if (secret > 2 && !strchr(password, '*'))
			CLAIM(!memmem(out, used, password, secret));
		if (total + used < sizeof(all)) {
			memcpy(all + total, out, used);
			total += used;
		}
	}
	if (secret > 3 && !strchr(password, '*'))
		CLAIM(!memmem(all, total, password, secret));
	return 0;
}
