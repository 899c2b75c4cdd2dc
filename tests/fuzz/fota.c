/* FOTA lines and the course that they make: a success is said to the letter, and what
 * is known of the module never contradicts itself. */
#include "config.h"

#include "protocol/course.h"
#include "protocol/line.h"
#include "tests/fuzz/safe.h"

/* Does LINE end in 0 and nothing else behind the last comma, blanks and zeroes aside? */
static bool says_zero(struct input line)
{
	size_t zeroes = 0;

	while (line.left > 0 && (line.at[line.left - 1] == ' ' || line.at[line.left - 1] == '\t'))
		line.left--;
	for (; line.left > 0 && (line.at[line.left - 1] == '0' || line.at[line.left - 1] == '"'); line.left--)
		zeroes += line.at[line.left - 1] == '0';
	while (line.left > 0 && (line.at[line.left - 1] == ' ' || line.at[line.left - 1] == '\t'))
		line.left--;
	return zeroes > 0 && line.left > 0 && line.at[line.left - 1] == ',';
}

static bool holds(struct input line, const char *text)
{
	return line.left > 0 && memmem(line.at, line.left, text, strlen(text));
}

static void check_urc(struct input line, const struct fota_urc *urc)
{
	CLAIM(memchr(urc->keyword, '\0', sizeof(urc->keyword)));
	CLAIM(is_safe(urc->keyword, strlen(urc->keyword), false));
	CLAIM(urc->value >= 0);
	if (urc->kind == FOTA_UPDATING || urc->kind == FOTA_RESTORE)
		CLAIM(urc->value <= 100);
	if (urc->kind == FOTA_END)
		CLAIM(holds(line, "\"END\""));
	if (urc->kind == FOTA_END && urc->has_value && urc->value == 0)
		CLAIM(says_zero(line));
	CLAIM((urc->source != FOTA_SOURCE_NONE) == (urc->kind == FOTA_SOURCE_START || urc->kind == FOTA_SOURCE_END));
}

static void check_course(const struct course *c, const struct course *before, enum course_word word)
{
	CLAIM(c->percent >= 0 && c->percent <= 100);
	CLAIM(c->end_code >= -1 && c->source_code >= -1);
	CLAIM(!(c->downloading && c->downloaded));
	CLAIM(!course_installs(c) || (c->started && !c->ended && !c->returned));
	CLAIM(!c->returned || c->ended);
	CLAIM(!c->restarted || c->rebooted);
	CLAIM(!c->resumed || c->restarted);
	/* what has been seen stays seen */
	CLAIM(c->started >= before->started && c->rebooted >= before->rebooted && c->heard >= before->heard);
	if (word == COURSE_NOTHING)
		CLAIM(c->ended == before->ended && c->started == before->started && c->end_code == before->end_code);
	if (word != COURSE_ENDED)
		CLAIM(c->end_code == before->end_code);
	CLAIM(word != COURSE_INSTALLS || course_installs(c));
	CLAIM(word != COURSE_ENDED || c->ended);
	CLAIM(word != COURSE_DOWNLOAD_FAILED || course_download_failed(c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct course c = { .heard = false };

	while (in.left > 0) {
		struct input line = take_until(&in, '\n');
		struct line_meaning is = line_parse((struct slice){ (const char *)line.at, line.left });
		struct course before = c;
		enum course_word word = COURSE_NOTHING;

		CLAIM(is.class == AT_ERROR || is.cme == -1);
		if (is.is_fota) {
			CLAIM(is.class == AT_INFO && holds(line, "+QIND:") && holds(line, "\"FOTA\""));
			check_urc(line, &is.fota);
			word = course_take(&c, &is.fota);
			CLAIM(c.heard);
		} else if (line.left == 0) {
			course_restart(&c);
		}
		check_course(&c, &before, word);
	}
	return 0;
}
