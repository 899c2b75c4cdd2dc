/* A line of the module in our own form is read without a JSON library: just as with it. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/count.h"
#include "record/event_json.h"
#include "record/line_quick.h"

static const char *const lines[] = {
	"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"+CSQ: 18,99\",\"t\":12.06}",
	"{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"AT+QFOTADL=\\\"COM\\\",20000,60\",\"t\":0.0}",
	"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"+QIND: \\\"FOTA\\\",\\\"UPDATING\\\",37\",\"urc\":true,\"t\":90071.125}",
	"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"+CME ERROR: 30\",\"error\":true,\"t\":7}",
	"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"a\\\\x01b\",\"urc\":true,\"error\":true,\"raw\":\"6101620d\",\"t\":999999999.999}",
	"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\",\"raw\":\"0d0a\",\"t\":3.5}",
	"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\",\"t\":1.001}",
};

/* By JSON: a blank that our writer does not put there makes no difference to it. */
static bool by_json(const char *line, size_t size, struct event *ev)
{
	char spaced[8192];

	snprintf(spaced, sizeof(spaced), "%.1s %.*s", line, size > 0 ? (int)size - 1 : 0, line + 1);
	assert_false(line_quick(spaced, size + 1, ev));
	return event_parse(spaced, size + 1, ev);
}

static bool same_meaning(const struct line_meaning *a, const struct line_meaning *b)
{
	return a->class == b->class && a->cme == b->cme && a->is_fota == b->is_fota && a->fota.kind == b->fota.kind &&
		a->fota.source == b->fota.source && a->fota.has_value == b->fota.has_value &&
		a->fota.out_of_range == b->fota.out_of_range && a->fota.value == b->fota.value &&
		strcmp(a->fota.keyword, b->fota.keyword) == 0;
}

/* Whether the quick way took it. */
static bool assert_same(const char *line, size_t size)
{
	static struct event quick, json;

	memset(&quick, 0x5a, sizeof(quick));
	if (!line_quick(line, size, &quick))
		return false;
	if (!by_json(line, size, &json) || json.type != quick.type || json.t_ms != quick.t_ms || json.line.dir != quick.line.dir ||
	    json.line.urc != quick.line.urc || json.line.error != quick.line.error || strcmp(json.line.text, quick.line.text) != 0 ||
	    json.line.raw_size != quick.line.raw_size || memcmp(json.line.raw, quick.line.raw, quick.line.raw_size) != 0 ||
	    json.line.dropped_before != quick.line.dropped_before || !same_meaning(&json.line.meaning, &quick.line.meaning))
		fail_msg("read differently: %.*s", (int)size, line);
	return true;
}

static void what_our_writer_makes_is_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++)
		if (!assert_same(lines[i], strlen(lines[i])))
			fail_msg("not taken: %s", lines[i]);
}

/* One byte another, one less, one more, at every place. */
static void what_is_like_it_is_read_the_same_or_left(void **state)
{
	static const char bytes[] = "\"\\{},:.0159-+eEtfrua \t\n\r\x01\x7f\x80\xc3\xff" "bxu/";
	char line[256];
	size_t taken = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		size_t size = strlen(lines[i]);

		for (size_t at = 1; at < size; at++) {
			memcpy(line, lines[i], at);
			memcpy(line + at, lines[i] + at + 1, size - at - 1);
			taken += assert_same(line, size - 1);
			for (size_t b = 0; b < sizeof(bytes); b++) {
				memcpy(line, lines[i], size);
				line[at] = bytes[b];
				if (bytes[b])
					taken += assert_same(line, size);
				memcpy(line + at + 1, lines[i] + at, size - at);
				if (bytes[b])
					taken += assert_same(line, size + 1);
			}
			taken += assert_same(lines[i], at);
		}
	}
	assert_true(taken > 1000);
}

/* Texts and bytes up to what an event holds and one more. */
static void sizes_end_where_an_event_ends(void **state)
{
	char text[TEXT_SIZE + 8], raw[2 * RAW_SIZE + 8], line[4096];

	(void)state;
	for (size_t size = TEXT_SIZE - 3; size < TEXT_SIZE + 2; size++) {
		memset(text, 'x', size);
		text[size] = '\0';
		snprintf(line, sizeof(line), "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"%s\",\"t\":1.0}", text);
		assert_int_equal(assert_same(line, strlen(line)), size < TEXT_SIZE);
	}
	for (size_t size = 2 * RAW_SIZE - 3; size < 2 * RAW_SIZE + 4; size++) {
		memset(raw, 'a', size);
		raw[size] = '\0';
		snprintf(line, sizeof(line), "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"raw\":\"%s\",\"t\":1.0}", raw);
		assert_int_equal(assert_same(line, strlen(line)), size <= 2 * RAW_SIZE && size % 2 == 0);
	}
}

static void times_are_those_of_json(void **state)
{
	unsigned seed = 1;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		char line[128];

		snprintf(line, sizeof(line), "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"OK\",\"t\":%d.%0*d}", rand_r(&seed) % 1000000000,
			 1 + i % 3, rand_r(&seed) % (i % 3 == 0 ? 10 : i % 3 == 1 ? 100 : 1000));
		if (!assert_same(line, strlen(line)))
			fail_msg("not taken: %s", line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_our_writer_makes_is_taken),
		cmocka_unit_test(what_is_like_it_is_read_the_same_or_left),
		cmocka_unit_test(sizes_end_where_an_event_ends),
		cmocka_unit_test(times_are_those_of_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
