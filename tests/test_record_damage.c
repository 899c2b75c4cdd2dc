#include "config.h"

#include <fcntl.h>
#include <jansson.h>
#include <sys/types.h>

#include "record/line_class.h"
#include "record/open_upgrade.h"
#include "record_fixture.h"
#include "words.h"

/* Do with R whatever can be done; what comes out must be safe. */
static void use_all(struct record *r)
{
	struct open_upgrade open;
	char safe[TEXT_SIZE + 1];
	uint64_t found, count = record_count(r);
	struct event ev;

	for (uint64_t i = 0; i < count; i++) {
		record_time_ms(r, i);
		if (!record_event(r, i, &ev))
			continue;
		assert_true((int)ev.type >= 0 && ev.type < EVENT_COUNT);
		if (ev.type == EVENT_LINE) {
			text_safe_str(safe, sizeof(safe), ev.line.text);
			assert_string_equal(safe, ev.line.text);
		}
	}
	assert_int_equal(record_count(r), count);
	assert_true(record_at(r, 20000) <= count);
	record_open_upgrade(r, &open);
	record_search(r, count, true, "fota", &found);
	record_find(r, UINT64_MAX, false, ~0U, true, &found);
	text_safe_str(safe, sizeof(safe), damage_of(r));
	assert_string_equal(safe, damage_of(r));
}

/* More than the reader holds at once. */
#define BUFFER_LEAST (3U * RECORD_LINE_MAX)

static void a_record_torn_at_any_byte_opens_as_far_as_it_is_whole(void **state)
{
	struct place *p = *state;
	struct sample s = make_sample();
	size_t good = 0, header = strcspn(s.text.data, "\n") + 1;

	write_record(p, s.text.data, s.text.size);
	for (size_t size = s.text.size; size < SIZE_MAX; size--) {
		size_t lines = lines_in(s.text.data, size);
		bool torn = size > 0 && s.text.data[size - 1] != '\n';

		assert_int_equal(truncate(p->path, (off_t)size), 0);
		if (size < header) {
			assert_refused(p, size ? "no header" : "empty");
			good++;
			continue;
		}
		must_open(p);
		if (record_count(p->r) != lines || (damage_of(p->r)[0] != '\0') != torn)
			fail_msg("torn at byte %zu: %d lines, %s", size, (int)record_count(p->r), damage_of(p->r));
		if (torn) {
			char where[64];

			snprintf(where, sizeof(where), "line %zu, at byte %zu", lines + 1, size);
			if (!strstr(damage_of(p->r), where))
				fail_msg("torn at byte %zu: %s", size, damage_of(p->r));
		}
		use_all(p->r);
		good++;
	}
	print_message("# torn: %zu of %zu\n", good, s.text.size + 1);
	assert_int_equal(good, s.text.size + 1);
	free(s.text.data);
}

/* What is more than we read, of what one may put before us: the rest is left out, and said. */
static void a_record_of_more_than_we_read_is_cut_and_said(void **state)
{
	static const char foreign[] = "{ \"type\":\"line\",\"dir\":\"rx\",\"t\":1.5,\"text\":\"";
	struct place *p = *state;
	size_t size = 20 << 20, line = 60000;
	char *text = malloc(size);

	assert_non_null(text);
	for (int empty = 0; empty < 2; empty++) {
		memset(text, empty ? '\n' : 'x', size);
		memcpy(text, HEADER, strlen(HEADER));
		for (size_t at = strlen(HEADER); !empty && at + line <= size; at += line) {
			memcpy(text + at, foreign, strlen(foreign));
			memcpy(text + at + line - 3, "\"}\n", 3);
		}
		write_record(p, text, size);
		must_open(p);
		assert_true(record_count(p->r) < lines_in(text, size));
		assert_true(empty ? record_count(p->r) == 1 << 24 : record_count(p->r) * line > 16 << 20);
		assert_non_null(strstr(damage_of(p->r), "too long"));
		append(p, "{\"type\":\"closed\",\"t\":2.0}\n");
		assert_int_equal(record_follow(p->r, &p->e), 0);
		record_free(p->r);
		p->r = NULL;
	}
	free(text);
}

/* Letters behind escapes are letters; and a line that is one escape ends all the same. */
static void a_search_passes_what_is_no_text(void **state)
{
	struct place *p = *state;
	size_t size = BUFFER_LEAST;
	char *text = malloc(size);
	uint64_t found;

	assert_non_null(text);
	memset(text, '\\', size - 1);
	text[size - 1] = '\0';
	write_record(p, STRING(HEADER "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"first\",\"t\":1.0}\n"));
	must_open(p);
	for (int again = 0; again < 2; again++)
		assert_false(record_search(p->r, 0, false, "nothing", &found));
	assert_true(record_search(p->r, 0, false, "first", &found));
	record_free(p->r);
	p->r = NULL;
	append(p, text);
	append(p, "\n{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"last\",\"t\":2.0}\n");
	must_open(p);
	assert_false(record_search(p->r, 0, false, "middle", &found));
	assert_false(record_search(p->r, 0, false, "nothing", &found));
	assert_true(record_search(p->r, 0, false, "first", &found));
	assert_int_equal(found, 1);
	assert_true(record_search(p->r, 0, false, "last", &found));
	assert_int_equal(found, 3);
	free(text);
}

static void nothing_below_a_file_is_a_record(void **state)
{
	struct place *p = *state;
	char path[200];

	write_record(p, STRING(HEADER));
	snprintf(path, sizeof(path), "%s/below", p->path);
	assert_null(record_open(path, &p->e));
	assert_int_equal(p->e.message.id, MSG_RECORD_MISSING);
}

/* The line that holds byte AT of S. */
static size_t line_of(const struct sample *s, size_t at)
{
	return lines_in(s->text.data, at);
}

static void assert_event_is(struct record *r, uint64_t number, const char *line)
{
	char out[EVENT_JSON_SIZE];
	struct event ev;

	assert_true(record_event(r, number, &ev));
	event_json(out, sizeof(out), &ev);
	assert_int_equal(strlen(out), strcspn(line, "\n"));
	assert_memory_equal(out, line, strlen(out));
}

/* All lines but the one that was hit are as they were: looked at are the
 * events next to it. */
static void check_neighbours(struct place *p, const struct sample *s, size_t at, char now)
{
	size_t hit = line_of(s, at), line = 0;
	size_t after = s->text.data[at] == '\n' ? hit + 2 : hit + 1;
	ptrdiff_t shift = (now == '\n') - (s->text.data[at] == '\n');

	assert_int_equal(record_count(p->r), (ptrdiff_t)s->count + shift);
	for (const char *text = s->text.data; line < s->count; text += strcspn(text, "\n") + 1, line++) {
		if (s->types[line] >= EVENT_START || line + 3 < hit || line > after + 3)
			continue;
		if (line < hit)
			assert_event_is(p->r, line, text);
		else if (line >= after)
			assert_event_is(p->r, (uint64_t)((ptrdiff_t)line + shift), text);
	}
}

static void any_flipped_bit_costs_one_line_at_most(void **state)
{
	struct place *p = *state;
	struct sample s = make_sample();
	size_t header = strcspn(s.text.data, "\n"), positions = 0, wanted = 2500;
	int fd;

	write_record(p, s.text.data, s.text.size);
	fd = open(p->path, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	for (size_t i = 0; i < wanted; i++, positions++) {
		size_t at = i * s.text.size / wanted;

		for (int bit = 0; bit < 8; bit++) {
			char byte = (char)(s.text.data[at] ^ 1 << bit);

			assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
			record_free(p->r);
			p->r = record_open(p->path, &p->e);
			if (!p->r && at > header)
				fail_msg("byte %zu, bit %d: %s", at, bit, err_words(&p->e));
			if (p->r && at > header)
				check_neighbours(p, &s, at, byte);
			if (p->r && i % 16 == 0)
				use_all(p->r);
		}
		assert_int_equal(pwrite(fd, s.text.data + at, 1, (off_t)at), 1);
	}
	close(fd);
	print_message("# flipped bits: %zu of %zu positions, 8 bits each\n", positions, wanted);
	free(s.text.data);
}

static void what_is_no_record_is_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "", "empty" },
		{ "\n", "no header" },
		{ "hello\n", "no header" },
		{ "{}\n", "no header" },
		{ "[]\n", "no header" },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"t\":1.0}\n", "no header" },
		{ "{\"type\":\"header\",\"format\":1}", "no header" },
		{ "\n{\"type\":\"header\",\"format\":1}\n", "no header" },
		{ "{\"type\":\"header\",\"format\":1\n", "no header" },
		{ "{\"type\":\"header\",\"format\":2}\n", "format 2" },
		{ "{\"type\":\"header\",\"format\":0}\n", "format 0" },
		{ "{\"type\":\"header\",\"format\":-1}\n", "format 0" },
		{ "{\"type\":\"header\",\"format\":\"1\"}\n", "format 0" },
		{ "{\"type\":\"header\",\"format\":1e300}\n", "format 2147483647" },
		{ "{\"type\":\"header\"}\n", "format 0" },
		{ "\x1f\x8b\x08\x1b[2J\n", "no header" },
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		write_record(p, rows[i].text, strlen(rows[i].text));
		assert_refused(p, rows[i].why);
	}
}

static void only_regular_files_are_read(void **state)
{
	struct place *p = *state;
	char link[200];

	assert_refused(p, "there is no record");
	assert_int_equal(mkdir(p->path, 0700), 0);
	assert_refused(p, "directory");
	assert_int_equal(rmdir(p->path), 0);
	assert_int_equal(mkfifo(p->path, 0600), 0);
	assert_refused(p, "not a regular file");	/* and does not wait for a writer */
	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(symlink("/dev/zero", p->path), 0);
	assert_refused(p, "not a regular file");
	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(symlink(p->path, p->path), 0);
	assert_refused(p, "symbolic links");
	assert_int_equal(unlink(p->path), 0);

	snprintf(link, sizeof(link), "%s/link", p->dir);
	write_record(p, STRING(HEADER));
	assert_int_equal(symlink(p->path, link), 0);
	snprintf(p->path, sizeof(p->path), "%.150s/link", p->dir);
	assert_int_equal(record_count(must_open(p)), 1);
}

static void a_gigabyte_of_nothing_is_refused_at_once(void **state)
{
	struct place *p = *state;

	write_record(p, "", 0);
	assert_int_equal(truncate(p->path, (off_t)1 << 30), 0);
	assert_refused(p, "no header");
}

static void a_gigabyte_of_nothing_after_a_record_is_passed_over(void **state)
{
	struct place *p = *state;

	write_record(p, STRING(HEADER));
	assert_int_equal(truncate(p->path, (off_t)1 << 30), 0);
	append(p, "\n" HEADER);
	must_open(p);
	assert_int_equal(record_count(p->r), 1);	/* what comes after is not read */
	assert_non_null(strstr(damage_of(p->r), "too long"));
	assert_int_equal(record_follow(p->r, &p->e), 0);
	use_all(p->r);
}

#define LINE(text) "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"" text "\",\"t\":1.0}\n"

static void lines_of_a_mebibyte_are_passed_over(void **state)
{
	struct place *p = *state;
	struct text t = {0};
	static char big[1 << 16];
	struct event ev;

	memset(big, 'x', sizeof(big));
	add(&t, STRING(HEADER LINE("first")));
	for (int i = 0; i < 40; i++) {
		add(&t, STRING("{\"type\":\"line\",\"dir\":\"rx\",\"text\":\""));
		for (int n = 0; n < 16; n++)
			add(&t, big, sizeof(big));
		add(&t, STRING("\",\"t\":2.0}\n" LINE("between")));
	}
	write_record(p, t.data, t.size);
	free(t.data);
	must_open(p);
	assert_int_equal(record_count(p->r), 82);
	assert_string_equal(damage_of(p->r), "line 3 and 39 other lines of this record can't be read");
	for (uint64_t i = 2; i < 82; i += 2) {
		assert_false(record_event(p->r, i, &ev));
		assert_true(record_event(p->r, i + 1, &ev));
		assert_string_equal(ev.line.text, "between");
	}
}

/* What the table of hostile lines makes of a record: no event, no crash, and
 * the lines around them as they are. */
static void hostile_lines_are_no_events(void **state)
{
	static const char *const lines[] = {
		"{\"type\":7,\"t\":1.0}", "{\"type\":{\"type\":\"line\"},\"t\":1.0}", "{\"type\":\"line\\u0000\",\"t\":1.0}",
		"{\"type\":\"line\",\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"t\":1.0}", "{\"type\":\"line\",\"dir\":\"rx\",\"text\":[],\"t\":1.0}",
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\" \"t\":1.0}", "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x,\"t\":1.0}",
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\x1b[2J\",\"t\":1.0}", "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\xff\",\"t\":1.0}",
		"{\"type\":\"progress\",\"step\":\"cook\",\"unit\":\"bytes\",\"t\":1.0}", "{\"type\":\"data\",\"offset\":999999999999999999999999,\"t\":1.0}",
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"t\":1e999}", "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"t\":1.}",
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"t\":.5}", "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"t\":1.2.3}",
		"{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"t\":}", "{\"type\":\"line\",\"dir\":\"rx\",\"t\":1.0}",
		",\"t\":1.0}", "}", "{\"type\":\"", "{\"type\":\"line\",\"dir\":\"", "{\"type\":\"record\",\"path\":\"x\",\"t\":1.0}",
		"{\"type\":\"port\",\"path\":null,\"t\":1.0}", "", " ", "\r", "\xef\xbb\xbf{}",
	};
	struct place *p = *state;
	struct text t = {0};
	struct event ev;

	add(&t, STRING(HEADER));
	for (size_t i = 0; i < COUNT(lines); i++) {
		add(&t, STRING(lines[i]));
		add(&t, STRING("\n" LINE("between")));
	}
	write_record(p, t.data, t.size);
	free(t.data);
	must_open(p);
	assert_int_equal(record_count(p->r), 1 + 2 * COUNT(lines));
	for (size_t i = 0; i < COUNT(lines); i++) {
		if (record_event(p->r, 1 + 2 * i, &ev))
			fail_msg("an event: %s", lines[i]);
		assert_int_equal(record_class(p->r, 1 + 2 * i).type, EVENT_COUNT);
		assert_true(record_event(p->r, 2 + 2 * i, &ev));
		assert_string_equal(ev.line.text, "between");
	}
	use_all(p->r);
}

static void deep_nesting_is_survived(void **state)
{
	struct place *p = *state;
	struct text t = {0};

	add(&t, STRING(HEADER "{\"type\":\"line\",\"dir\":\"rx\",\"text\":"));
	for (int i = 0; i < 10000; i++)
		add(&t, "[", 1);
	add(&t, STRING(",\"t\":1.0}\n{\"type\":\"result\",\"outcome\":\"success\",\"step\":\"check\",\"code\":"));
	for (int i = 0; i < 10000; i++)
		add(&t, STRING("{\"a\":"));
	for (int i = 0; i < 10000; i++)
		add(&t, "}", 1);
	add(&t, STRING("}\n" LINE("after")));
	write_record(p, t.data, t.size);
	free(t.data);
	must_open(p);
	assert_int_equal(record_count(p->r), 4);
	use_all(p->r);
	assert_int_equal(record_class(p->r, 1).type, EVENT_COUNT);
	assert_int_equal(record_class(p->r, 2).type, EVENT_COUNT);
	assert_int_equal(record_class(p->r, 3).type, EVENT_LINE);
}

static void nothing_hostile_passes_the_header(void **state)
{
	const struct job_start *h = record_start(open_text(*state,
		"{\"type\":\"header\",\"format\":1,\"program\":\"\\u001b]52;c;YQ==\\u0007\",\"host\":\"\\u202egnp.exe\",\"system\":7,"
		"\"when\":[],\"pid\":1e99,\"job\":\"cook\",\"port\":\"/dev/\\u0000x\",\"baud\":-1,\"method\":\"pigeon\",\"yes\":\"true\"}\n"));

	assert_string_equal(h->by.program, "\\x1b]52;c;YQ==\\x07");
	assert_string_equal(h->by.host, "\\u{202e}gnp.exe");
	assert_string_equal(h->by.system, "");
	assert_int_equal(h->by.when_s, 0);
	assert_string_equal(h->plan.port, "/dev/\\x00x");
	assert_int_equal(h->plan.baud, 0);
	assert_int_equal(h->plan.job, JOB_UPGRADE);
	assert_int_equal(h->plan.route, ROUTE_DOWNLOAD);
	assert_false(h->plan.assume_yes);
}

/* Somebody writes over the file while it is open: lines may be lost, memory
 * may not. */
static void a_file_changed_under_us_is_survived(void **state)
{
	struct place *p = *state;
	struct sample s = make_sample();
	unsigned seed = 9;
	int fd;

	for (int round = 0; round < 300; round++) {
		size_t at = strlen(HEADER) + next(&seed) % (s.text.size - strlen(HEADER));
		size_t size = next(&seed) % (s.text.size - at);
		static const char fills[] = "\n\0x}\"";
		char *junk = malloc(size + 1);

		assert_non_null(junk);
		memset(junk, fills[round % 5], size + 1);
		write_record(p, s.text.data, s.text.size);
		must_open(p);
		fd = open(p->path, O_WRONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		if (round % 3 == 0)
			assert_int_equal(ftruncate(fd, (off_t)at), 0);
		else
			assert_int_equal(pwrite(fd, junk, size, (off_t)at), size);
		close(fd);
		use_all(p->r);
		free(junk);
	}
	free(s.text.data);
}

/* The lines of many kinds, in any order, in any pieces. */
static void shuffled_pieces_of_records_are_survived(void **state)
{
	struct place *p = *state;
	struct sample s = make_sample();
	unsigned seed = 21;

	for (int round = 0; round < 300; round++) {
		struct text t = {0};

		add(&t, STRING(HEADER));
		while (t.size < 30000) {
			size_t at = next(&seed) % s.text.size, size = next(&seed) % 400;

			add(&t, s.text.data + at, size < s.text.size - at ? size : s.text.size - at);
		}
		write_record(p, t.data, t.size);
		must_open(p);
		assert_int_equal(record_count(p->r), lines_in(t.data, t.size));
		use_all(p->r);
		free(t.data);
	}
	free(s.text.data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_torn_at_any_byte_opens_as_far_as_it_is_whole),
		TEST(a_record_of_more_than_we_read_is_cut_and_said),
		TEST(a_search_passes_what_is_no_text),
		TEST(nothing_below_a_file_is_a_record),
		TEST(any_flipped_bit_costs_one_line_at_most),
		TEST(what_is_no_record_is_refused),
		TEST(only_regular_files_are_read),
		TEST(a_gigabyte_of_nothing_is_refused_at_once),
		TEST(a_gigabyte_of_nothing_after_a_record_is_passed_over),
		TEST(lines_of_a_mebibyte_are_passed_over),
		TEST(hostile_lines_are_no_events),
		TEST(deep_nesting_is_survived),
		TEST(nothing_hostile_passes_the_header),
		TEST(a_file_changed_under_us_is_survived),
		TEST(shuffled_pieces_of_records_are_survived),
	};

	return cmocka_run_group_tests_name("record_damage", tests, NULL, NULL);
}
