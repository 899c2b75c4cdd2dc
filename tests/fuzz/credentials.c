/* A login is read whole or not at all, and the name in a URL is what stands before
 * the '@' that libcurl takes too. */
#include "config.h"

#include "base/url.h"
#include "command/credentials.h"
#include "package/libcurl.h"
#include "tests/fuzz/safe.h"

/* Does a line of FILE end in VALUE, right behind its "="? */
static bool stands_in(struct input file, const char *value)
{
	size_t size = strlen(value);

	while (file.left > 0) {
		struct input line = take_until(&file, '\n');

		if (line.left > 0 && line.at[line.left - 1] == '\r')
			line.left--;
		if (line.left < size || memcmp(line.at + line.left - size, value, size) != 0)
			continue;
		line.left -= size;
		while (line.left > 0 && (line.at[line.left - 1] == ' ' || line.at[line.left - 1] == '\t'))
			line.left--;
		if (line.left > 0 && line.at[line.left - 1] == '=')
			return true;
	}
	return false;
}

static void read_file(struct input file)
{
	struct plan plan = { .user = "", .password = "" };
	struct err e = { .code = ERR_NONE };
	char path[32];
	int r = credentials_from_input(file_of(file, path), -1, &plan, &e);

	CLAIM(memchr(plan.user, '\0', sizeof(plan.user)) && memchr(plan.password, '\0', sizeof(plan.password)));
	if (r < 0) {
		claim_words(&e);
		return;
	}
	CLAIM(plan.user[0] && plan.password[0]);
	CLAIM(stands_in(file, plan.user) && stands_in(file, plan.password));
	CLAIM(!strchr(plan.user, '\n') && !strchr(plan.password, '\n'));
}

static void read_url(struct input in)
{
	struct plan plan = { .user = "" };
	struct err e = { .code = ERR_NONE };
	char url[URL_SIZE], before[URL_SIZE], *user = NULL;
	size_t authority;
	CURLU *u;
	struct err loading;

	text_of(in, url, sizeof(url));
	memcpy(before, url, sizeof(before));
	if (credentials_from_url(url, &plan, &e) < 0) {
		claim_words(&e);
		return;
	}
	CLAIM(!plan.password[0]);
	CLAIM(strlen(url) + (plan.user[0] ? strlen(plan.user) + 1 : 0) == strlen(before));
	/* what has no host for us is refused, whatever libcurl makes of it */
	url_authority(before, &authority);
	CLAIM(libcurl_load(&loading) == 0);
	u = curl_url();
	if (url_scheme(before) != URL_NO_SCHEME && authority > 0 && curl_url_set(u, CURLUPART_URL, before, 0) == CURLUE_OK) {
		curl_url_get(u, CURLUPART_USER, &user, 0);
		CLAIM(strcmp(user ? user : "", plan.user) == 0);
	}
	curl_free(user);
	curl_url_cleanup(u);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };

	if (take_byte(&in) & 1)
		read_file(in);
	else
		read_url(in);
	return 0;
}
