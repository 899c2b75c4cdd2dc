#include "config.h"

#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <sys/file.h>

#include "record/open_upgrade.h"
#include "record_fixture.h"
#include "words.h"

#ifndef __SANITIZE_ADDRESS__
#include <malloc.h>
#endif

static void a_record_reads_back_as_it_was_written(void **state)
{
	struct place *p = *state;
	struct sample s = make_sample();
	bool seen[EVENT_COUNT + 1] = {false};
	const char *at = s.text.data;
	struct record *r;

	write_record(p, s.text.data, s.text.size);
	r = must_open(p);
	assert_int_equal(record_count(r), s.count);
	assert_string_equal(damage_of(r), "");
	assert_string_equal(record_path(r), p->path);
	for (size_t i = 0; i < s.count; i++) {
		struct record_class class = record_class(r, i);
		char line[EVENT_JSON_SIZE];
		size_t size = strcspn(at, "\n");
		struct event ev;

		seen[class.type] = true;
		if (class.type != s.types[i] || class.urc != s.urc[i] || class.error != s.error[i])
			fail_msg("line %zu: kind %d, urc %d, error %d", i, (int)class.type, class.urc, class.error);
		assert_int_equal(record_time_ms(r, i), s.t_ms[i]);
		assert_int_equal(record_event(r, i, &ev), class.type != EVENT_COUNT);
		if (class.type < EVENT_START) {
			assert_int_equal(event_json(line, sizeof(line), &ev), size);
			assert_memory_equal(line, at, size);
		}
		at += size + 1;
	}
	for (int i = 0; i <= EVENT_COUNT; i++)
		assert_int_equal(seen[i], i != EVENT_PORT && i != EVENT_RECORD && i != EVENT_BEGIN && i != EVENT_CHECKS);
	free(s.text.data);
}

/* jq, Python and people write JSON in their own way: blanks, another order. */
static void another_form_of_the_same_json_is_the_same(void **state)
{
	static const size_t forms[] = { JSON_SORT_KEYS, JSON_SORT_KEYS | JSON_COMPACT, JSON_ENSURE_ASCII | JSON_ESCAPE_SLASH };
	struct place *p = *state;
	struct sample s = make_sample();

	for (size_t form = 0; form < COUNT(forms); form++) {
		struct text other = {0};
		struct record *r;
		uint64_t found;

		for (char *at = s.text.data; at < s.text.data + s.text.size; at += strcspn(at, "\n") + 1) {
			json_t *o = json_loadb(at, strcspn(at, "\n"), JSON_ALLOW_NUL, NULL);
			char *line = json_dumps(o, forms[form]);

			assert_non_null(line);
			add(&other, line, strlen(line));
			add(&other, "\n", 1);
			free(line);
			json_decref(o);
		}
		write_record(p, other.data, other.size);
		free(other.data);
		r = must_open(p);
		assert_int_equal(record_count(r), s.count);
		assert_string_equal(damage_of(r), "");
		for (size_t i = 0; i < s.count; i++) {
			struct record_class class = record_class(r, i);
			struct event ev;

			if (class.type != s.types[i] || class.urc != s.urc[i] || class.error != s.error[i])
				fail_msg("form %zu, line %zu: kind %d, urc %d, error %d", form, i,
					 (int)class.type, class.urc, class.error);
			assert_int_equal(record_time_ms(r, i), s.t_ms[i]);
			assert_int_equal(record_event(r, i, &ev), class.type != EVENT_COUNT);
		}
		assert_true(record_search(r, UINT64_MAX, false, "\"fota\",\"END\"", &found));
	}
	free(s.text.data);
}

/* A later program may add keys and digits. */
static void lines_that_nearly_look_like_ours_are_read_right(void **state)
{
	static const struct {
		const char *line;
		bool urc, error;
		int64_t t_ms;
	} rows[] = {
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"urc\":true,\"error\":true,\"more\":1,\"t\":1.0}", true, true, 1000 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"urc\":false,\"error\":true,\"t\":1.5}", false, true, 1500 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"error\":true,\"urc\":true,\"t\":1.25}", true, true, 1250 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"urc\":true,\"raw\":\"00\",\"error\":true,\"t\":1.125}", true, true, 1125 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\\\",\\\"urc\\\":true\",\"t\":2}", false, false, 2000 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\",\\\"raw\\\":\\\"00\",\"urc\":true,\"t\":2.01}", true, false, 2010 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\\\\\",\"urc\":true,\"more\":\"\",\"t\":2.5}", true, false, 2500 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\",\"urc\":true,\"more\":\"\",\"t\":2.5}", true, false, 2500 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"t\":3.123456}", false, false, 3123 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"t\":3.1239}", false, false, 3124 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"t\":4e0}", false, false, 4000 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"t\":5.0,\"text\":\"x\"}\r", false, false, 5000 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"error\":false,\"t\":5.5}", false, false, 5500 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"\",\"t\":5.25}", false, false, 5250 },
		{ "{\"type\":\"data\",\"t\":5.125,\"offset\":17}", false, false, 5125 },
		{ "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"x\",\"t\":1234567890.5}", false, false, INT64_C(1234567890500) },
		{ "{\"type\":\"notice\",\"severity\":\"error\",\"text\":\"x\",\"t\":6.0}", false, true, 6000 },
		{ "{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"x\",\"t\":999999999.999}", false, false, INT64_C(999999999999) },
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct record_class class;
		struct event ev;

		open_text(p, HEADER);
		append(p, rows[i].line);
		append(p, "\n");
		assert_int_equal(record_follow(p->r, &p->e), 1);
		class = record_class(p->r, 1);
		if (class.urc != rows[i].urc || class.error != rows[i].error || record_time_ms(p->r, 1) != rows[i].t_ms)
			fail_msg("urc %d, error %d, %lld ms: %s", class.urc, class.error,
				 (long long)record_time_ms(p->r, 1), rows[i].line);
		assert_true(record_event(p->r, 1, &ev));
		assert_int_equal(ev.t_ms, rows[i].t_ms);
	}
}

/* More than the 16 MiB that may be parsed of each kind that there are many
 * lines of. */
static void the_lines_of_a_long_record_need_not_be_parsed(void **state)
{
	struct place *p = *state;
	char text[701];
	struct event kinds[] = {
		{.type = EVENT_LINE, .line = {.dir = LINE_TX}},
		{.type = EVENT_LINE, .line = {.dir = LINE_RX, .urc = true}},
		{.type = EVENT_LINE, .line = {.dir = LINE_RX, .urc = true, .error = true, .raw_size = RAW_SIZE}},
		{.type = EVENT_NOTICE, .notice = {.severity = SEVERITY_INFO}},
		{.type = EVENT_NOTICE, .notice = {.severity = SEVERITY_WARNING}},
	};

	memset(text, '"', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < COUNT(kinds); i++) {
		char line[EVENT_JSON_SIZE];
		struct text t = {0};
		size_t one;

		if (kinds[i].type == EVENT_LINE)
			snprintf(kinds[i].line.text, sizeof(kinds[i].line.text), "%s", text);
		else
			message_set(&kinds[i].notice.message, MSG_SAID, "text=%s", text);
		kinds[i].t_ms = 1234;
		one = (size_t)event_json(line, sizeof(line) - 1, &kinds[i]);
		line[one++] = '\n';
		add(&t, STRING(HEADER));
		while (t.size < (17 << 20))
			add(&t, line, one);
		write_record(p, t.data, t.size);
		must_open(p);
		if (record_count(p->r) != lines_in(t.data, t.size) || damage_of(p->r)[0])
			fail_msg("kind %zu: %s", i, damage_of(p->r));
		free(t.data);
	}
}

static void the_header_holds_the_plan(void **state)
{
	const struct job_start *h = record_start(open_text(*state,
		"{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.1.0\",\"libraries\":\"curl\",\"host\":\"bench\",\"system\":\"Linux\","
		"\"when\":\"2026-11-22T09:30:00Z\",\"pid\":812,\"job\":\"probe\",\"port\":\"/dev/ttyACM3\",\"baud\":9600,\"method\":\"push\","
		"\"file\":\"f\",\"url\":\"u\",\"publish\":\"p\",\"target\":\"t\",\"manifest\":\"m\",\"profile\":\"ugxx\",\"imei\":\"1\","
		"\"com_command\":\"c\",\"relay\":true,\"overwrite\":true,\"verify_source\":true,\"yes\":true,\"if_needed\":true,"
		"\"com_timeout\":1,\"watch_timeout\":2,\"return_timeout\":3,\"start_timeout\":4,\"supply_min\":5}\n"));

	assert_int_equal(h->format, 1);
	assert_string_equal(h->by.program, "dfota 0.1.0");
	assert_string_equal(h->by.libraries, "curl");
	assert_string_equal(h->by.host, "bench");
	assert_string_equal(h->by.system, "Linux");
	assert_int_equal(h->by.when_s, 1795339800);
	assert_int_equal(h->by.pid, 812);
	assert_int_equal(h->plan.job, JOB_PROBE);
	assert_string_equal(h->plan.port, "/dev/ttyACM3");
	assert_int_equal(h->plan.baud, 9600);
	assert_int_equal(h->plan.route, ROUTE_RELAY);
	assert_string_equal(h->plan.file, "f");
	assert_string_equal(h->plan.url, "u");
	assert_string_equal(h->plan.publish, "p");
	assert_string_equal(h->plan.target, "t");
	assert_string_equal(h->plan.manifest, "m");
	assert_string_equal(h->plan.profile, "ugxx");
	assert_string_equal(h->plan.imei, "1");
	assert_string_equal(h->plan.com_command, "c");
	assert_true(h->plan.overwrite && h->plan.verify_source && h->plan.assume_yes && h->plan.if_needed);
	assert_int_equal(h->plan.com_timeout_s, 1);
	assert_int_equal(h->plan.watch_timeout_s, 2);
	assert_int_equal(h->plan.return_timeout_s, 3);
	assert_int_equal(h->plan.start_timeout_s, 4);
	assert_int_equal(h->plan.supply_min_mv, 5);
	assert_int_equal(record_count(((struct place *)*state)->r), 1);
	h = record_start(open_text(*state, "{\"type\":\"header\",\"format\":1,\"pid\":812,\"method\":\"push\",\"relay\":false}\n"));
	assert_int_equal(h->plan.route, ROUTE_SERIAL);
}

/* Lines of any length, across all buffers: each is found where it is. */
static void lines_of_any_length_are_found(void **state)
{
	static const size_t edges[] = { 0, 1, 65533, 65534, 65535, 65536, 65537, 131071, 131072, 131073, 300000 };
	struct place *p = *state;
	struct text t = {0};
	size_t sizes[500], count = 1;
	unsigned seed = 3;
	struct record *r;

	add(&t, STRING(HEADER));
	for (; count < COUNT(sizes); count++) {
		size_t size = count < 100 ? edges[next(&seed) % COUNT(edges)] :
			count < 200 ? next(&seed) % 70000 : next(&seed) % 200;
		char line[96];
		size_t used = (size_t)snprintf(line, sizeof(line), "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"%zu\",\"more\":\"", count);

		sizes[count] = size > used + 2 ? size : used + 2;
		add(&t, line, used);
		for (size_t i = used + 2; i < size; i++)
			add(&t, "x", 1);
		add(&t, "\"}\n", 3);
	}
	write_record(p, t.data, t.size);
	free(t.data);
	r = must_open(p);
	assert_int_equal(record_count(r), count);
	for (size_t n = 1; n < 2000; n++) {
		size_t i = n < count ? n : 1 + next(&seed) % (count - 1);
		struct event ev;
		char text[16];

		snprintf(text, sizeof(text), "%zu", i);
		if (record_event(r, i, &ev) != (sizes[i] <= 65536))
			fail_msg("line %zu has %zu bytes", i, sizes[i]);
		if (sizes[i] <= 65536)
			assert_string_equal(ev.line.text, text);
	}
}

static int64_t naive_at(struct record *r, int64_t t_ms)
{
	for (uint64_t i = 0; i < record_count(r); i++)
		if (record_time_ms(r, i) >= t_ms)
			return (int64_t)i;
	return (int64_t)record_count(r);
}

/* Forward as they should, and backward as in a file that was tampered with. */
static void a_time_is_found(void **state)
{
	struct place *p = *state;

	for (unsigned wild = 0; wild < 2; wild++) {
		struct text t = {0};
		unsigned seed = 11;
		struct record *r;

		add(&t, STRING(HEADER));
		for (int i = 0; i < 3000; i++) {
			char line[64];
			unsigned ms = wild ? next(&seed) % 100000 : (unsigned)i * 20;

			if (i % 7 == 0)
				snprintf(line, sizeof(line), "{\"type\":\"shown\"}\n");
			else
				snprintf(line, sizeof(line), "{\"type\":\"answer\",\"answer\":\"yes\",\"t\":%u.%03u}\n", ms / 1000, ms % 1000);
			add(&t, STRING(line));
		}
		write_record(p, t.data, t.size);
		free(t.data);
		r = must_open(p);
		for (int i = 0; i < 500; i++) {
			int64_t t_ms = (int64_t)(next(&seed) % 110000) - 1000;

			assert_int_equal(record_at(r, t_ms), naive_at(r, t_ms));
		}
		assert_int_equal(record_at(r, INT64_MIN), 0);
		assert_int_equal(record_at(r, INT64_MAX), record_count(r));
		assert_int_equal(record_at(r, 0), 0);
	}
}

static void a_line_without_a_time_has_that_of_the_line_before(void **state)
{
	struct record *r = open_text(*state, HEADER "{\"type\":\"answer\",\"answer\":\"yes\"}\n"
				     "{\"type\":\"answer\",\"answer\":\"yes\",\"t\":7.25}\nrubbish\n{\"type\":\"answer\",\"answer\":\"no\"}\n"
				     "{\"type\":\"answer\",\"answer\":\"no\",\"t\":-3}\n{\"type\":\"answer\",\"answer\":\"no\",\"t\":\"x\"}\n");
	static const int64_t times[] = { 0, 0, 7250, 7250, 7250, 0, 0 };
	struct event ev;

	assert_int_equal(record_count(r), COUNT(times));
	for (size_t i = 0; i < COUNT(times); i++)
		assert_int_equal(record_time_ms(r, i), times[i]);
	assert_true(record_event(r, 4, &ev));
	assert_int_equal(ev.t_ms, 7250);

	r = open_text(*state, HEADER "{\"type\":\"answer\",\"answer\":\"yes\",\"t\":7.25}\n");
	for (int i = 0; i < 300; i++)
		append(*state, "{\"type\":\"answer\",\"answer\":\"yes\"}\n");
	assert_int_equal(record_follow(r, &((struct place *)*state)->e), 300);
	for (uint64_t i = 1; i < 302; i += 3)
		assert_int_equal(record_time_ms(r, i), 7250);
}

static void kinds_and_errors_are_found(void **state)
{
	struct place *p = *state;
	struct sample s = make_sample();
	struct record *r;
	uint64_t found = 0;

	write_record(p, s.text.data, s.text.size);
	r = must_open(p);
	for (unsigned type = 0; type <= EVENT_COUNT; type++) {
		for (int error = 0; error < 2; error++) {
			uint64_t from = UINT64_MAX, back = record_count(r), hits = 0;

			for (size_t i = 0; i < s.count; i++) {
				if (s.types[i] != type || (error && !s.error[i]))
					continue;
				assert_true(record_find(r, from, false, 1U << type, error, &from));
				assert_int_equal(from, i);
				hits++;
			}
			assert_false(record_find(r, from, false, 1U << type, error, &found) && hits);
			for (; record_find(r, back, true, 1U << type, error, &back); hits--)
				assert_true(s.types[back] == type);
			assert_int_equal(hits, 0);
		}
	}
	assert_false(record_find(r, record_count(r), false, ~0U, false, &found));
	assert_false(record_find(r, record_count(r) - 1, false, ~0U, false, &found));
	assert_false(record_find(r, 0, true, ~0U, false, &found));
	assert_true(record_find(r, UINT64_MAX, true, ~0U, false, &found));
	assert_int_equal(found, record_count(r) - 1);
	assert_true(record_find(r, 0, false, ~0U, true, &found));
	assert_true(record_find(r, found, false, 1U << EVENT_NOTICE | 1U << EVENT_RESULT, true, &found));
	assert_int_equal(s.types[found], EVENT_NOTICE);
	free(s.text.data);
}

#define FOUND(text) "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"" text "\",\"t\":1.0}\n"

static void texts_are_found_as_they_read(void **state)
{
	struct record *r = open_text(*state, HEADER
		FOUND("+QIND: \\\"FOTA\\\",\\\"END\\\",0") "{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"The End\",\"t\":1.0}\n"
		"{\"type\":\"answer\",\"answer\":\"yes\",\"t\":1.0}\n" FOUND("back\\\\slash") FOUND("Gr\xc3\xbc\xc3\x9f" "e") FOUND("Gr\\u00fc\\u00dfe")
		FOUND("a\\/b") FOUND("\\u0045\\u004e\\u0044") FOUND("esc\\u001b[2J") "{\"type\":\"line\",\"dir\":\"rx\",\"text\":7,\"x\":\"end\",\"t\":1.0}\n"
		"{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"x\",\"id\":\"supply\",\"args\":{\"mv\":3812},\"t\":1.0}\n");
	static const struct {
		const char *text;
		uint64_t lines[8];	/* 0 ends */
	} rows[] = {
		{ "end", { 1, 2, 8 } },
		{ "END", { 1, 2, 8 } },
		{ "\"fota\",\"", { 1 } },
		{ "k\\s", { 4 } },
		{ "\\", { 4, 9 } },
		{ "\\\\", { 0 } },
		{ "r\xc3\xbc\xc3\x9f", { 5, 6 } },
		{ "a/b", { 7 } },
		{ "\\x1b[2j", { 9 } },
		{ "yes", { 0 } },
		{ "text", { 0 } },
		{ "nothing", { 0 } },
		{ "voltage 38", { 11 } },	/* as it reads, not as it stands */
	};
	char lengthy[2000];
	uint64_t found;

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint64_t from = UINT64_MAX, back = record_count(r);
		size_t n = 0;

		for (; record_search(r, from, false, rows[i].text, &from); n++)
			if (n == 8 || from != rows[i].lines[n])
				fail_msg("\"%s\" in line %d", rows[i].text, (int)from);
		if (n < 8 && rows[i].lines[n])
			fail_msg("\"%s\" not in line %d", rows[i].text, (int)rows[i].lines[n]);
		while (n > 0) {
			assert_true(record_search(r, back, true, rows[i].text, &back));
			assert_int_equal(back, rows[i].lines[--n]);
		}
		assert_false(record_search(r, back, true, rows[i].text, &found));
	}
	memset(lengthy, 'x', sizeof(lengthy) - 1);
	lengthy[sizeof(lengthy) - 1] = '\0';
	assert_false(record_search(r, UINT64_MAX, false, lengthy, &found));
	assert_true(record_search(r, UINT64_MAX, false, "", &found));
	assert_int_equal(found, 1);
}

static void what_is_appended_comes(void **state)
{
	static const char *const line = FOUND("+QIND: \\\"FOTA\\\"") "{\"type\":\"resumed\",\"pid\":977,\"t\":2.0}\n";
	struct place *p = *state;
	struct record *r = open_text(p, HEADER);
	struct event ev;
	uint64_t came = 0;

	assert_int_equal(record_follow(r, &p->e), 0);
	for (size_t i = 0; line[i]; i++) {
		int64_t more;

		append(p, (char[2]){ line[i], '\0' });
		more = record_follow(r, &p->e);
		assert_int_equal(more, line[i] == '\n');
		came += (uint64_t)more;
		assert_int_equal(record_count(r), 1 + came);
		assert_int_equal(damage_of(r)[0] == '\0', line[i] == '\n');
	}
	assert_true(record_event(r, 1, &ev));
	assert_string_equal(ev.line.text, "+QIND: \"FOTA\"");
	assert_int_equal(record_class(r, 2).type, EVENT_RESUMED);
	append(p, FOUND("a") FOUND("b") FOUND("c"));
	assert_int_equal(record_follow(r, &p->e), 3);
	assert_true(record_event(r, 5, &ev));
	assert_string_equal(ev.line.text, "c");
	assert_int_equal(record_follow(r, &p->e), 0);
}

/* Also while a line that is too long comes in pieces. */
static void a_growing_record_is_the_same_as_a_grown_one(void **state)
{
	struct place *p = *state;
	struct sample s = make_sample();
	struct text t = {0};
	unsigned seed = 5;
	struct record *r;
	size_t done = strlen(HEADER);

	add(&t, STRING(HEADER));
	for (int i = 0; i < 6; i++) {
		char *piece = calloc(1, 150000);

		assert_non_null(piece);
		add(&t, s.text.data, s.text.size);
		memset(piece, 'x', 150000);
		add(&t, piece, 60000 + (size_t)i * 15000);
		add(&t, "\n", 1);
		free(piece);
	}
	write_record(p, t.data, done);
	r = must_open(p);
	while (done < t.size) {
		size_t more = 1 + next(&seed) % 20000;

		more = more < t.size - done ? more : t.size - done;
		put(p->path, "ae", t.data + done, more);
		done += more;
		assert_true(record_follow(r, &p->e) >= 0);
		assert_int_equal(record_count(r), lines_in(t.data, done));
	}
	p->r = NULL;
	must_open(p);
	for (uint64_t i = 0; i < record_count(r); i++) {
		struct record_class a = record_class(r, i), b = record_class(p->r, i);

		assert_true(a.type == b.type && a.urc == b.urc && a.error == b.error);
		assert_int_equal(record_time_ms(r, i), record_time_ms(p->r, i));
	}
	record_free(r);
	free(t.data);
	free(s.text.data);
}

static void a_record_that_shrinks_is_given_up(void **state)
{
	struct place *p = *state;
	struct record *r = open_text(p, HEADER FOUND("a") FOUND("b") "torn");
	struct event ev;

	assert_int_equal(truncate(p->path, (off_t)strlen(HEADER) + 10), 0);
	assert_int_equal(record_follow(r, &p->e), -1);
	assert_int_equal(p->e.code, ERR_USAGE);
	assert_non_null(strstr(err_words(&p->e), p->path));
	assert_false(record_event(r, 1, &ev));
	assert_false(record_event(r, 2, &ev));
	assert_int_equal(record_count(r), 3);
}

static void who_writes_it_is_known(void **state)
{
	struct place *p = *state;
	struct record *r = open_text(p, HEADER);
	int fd = open(p->path, O_RDWR | O_APPEND | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(record_writer_pid(r), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(record_writer_pid(r), 812);
	append(p, "{\"type\":\"resumed\",\"pid\":977,\"t\":2.0}\n{\"type\":\"resumed\",\"pid\":-5,\"t\":2.0}\n{\"type\":\"resumed\",\"pid\":\"x\",\"t\":2.0}\n");
	assert_int_equal(record_follow(r, &p->e), 3);
	assert_int_equal(record_writer_pid(r), 977);
	close(fd);
	assert_int_equal(record_writer_pid(r), 0);
	fd = open(p->path, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);	/* our looking holds nothing */
	close(fd);

	r = open_text(p, "{\"type\":\"header\",\"format\":1}\n");
	fd = open(p->path, O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(record_writer_pid(r), -1);
	close(fd);
}

static void an_intent_says_all(void **state)
{
	struct place *p = *state;
	struct record *r = open_text(p, HEADER INTENT("transfer") "\n" INTENT("install") "\n{\"type\":\"intent\"}\n"
				     "{\"type\":\"intent\",\"what\":\"cook\",\"method\":\"pigeon\",\"when\":\"yesterday\",\"baud\":-1,\"t\":1.0}\n");
	struct open_upgrade open;
	struct event ev;

	assert_true(record_event(r, 1, &ev));
	open = ev.intent;
	assert_int_equal(ev.type, EVENT_INTENT);
	assert_int_equal(open.intent, INTENT_TRANSFER);
	assert_string_equal(open.record, "");
	assert_int_equal(open.when_s, 1795339860);
	assert_string_equal(open.module.model, "UG96");
	assert_string_equal(open.module.imei, "490154203237518");
	assert_string_equal(open.module.version, "A");
	assert_string_equal(open.module.port, "/dev/ttyACM3");
	assert_string_equal(open.module.profile, "ugxx");
	assert_string_equal(open.module.usb_path, "1-1.2");
	assert_string_equal(open.module.serial, "s1");
	assert_int_equal(open.module.usb_interface, 6);
	assert_string_equal(open.to, "B");
	assert_int_equal(open.route, ROUTE_SERIAL);
	assert_int_equal(open.baud, 115200);
	assert_int_equal(open.com_timeout_s, 60);
	assert_int_equal(open.size, 307200);
	assert_string_equal(open.sha256, "ab12");
	assert_false(open.started || open.ended || open.downloaded || open.unknown);
	assert_true(record_event(r, 2, &ev));
	assert_int_equal(ev.intent.intent, INTENT_INSTALL);
	for (uint64_t i = 3; i < 5; i++) {	/* the worse is taken for what is not said */
		assert_true(record_event(r, i, &ev));
		open = ev.intent;
		assert_int_equal(open.intent, INTENT_INSTALL);
		assert_int_equal(open.when_s, 0);
		assert_int_equal(open.baud, 0);
		assert_string_equal(open.module.imei, "");
	}
	assert_true(record_open_upgrade(r, &open));
	assert_string_equal(open.record, p->path);
}

#define STEP(name) "{\"type\":\"step\",\"step\":\"" name "\",\"state\":\"begin\",\"t\":1.0}\n"
#define RX(text) "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"" text "\",\"urc\":true,\"t\":1.0}\n"
#define FOTA(text) RX("+QIND: \\\"FOTA\\\"," text)
#define TX(text) "{\"type\":\"line\",\"dir\":\"tx\",\"text\":\"" text "\",\"t\":1.0}\n"
#define RESULT(outcome, job) "{\"type\":\"result\",\"outcome\":\"" outcome "\",\"step\":\"install\",\"job\":\"" job "\",\"t\":1.0}\n"
#define CLOSED "{\"type\":\"closed\",\"when\":\"2026-11-22T09:31:00Z\"}\n"
#define PUSH INTENT("install") "\n"
#define PULL "{\"type\":\"intent\",\"what\":\"install\",\"method\":\"pull\",\"t\":1.0}\n"

static const struct {
	const char *lines;
	bool open;
	struct open_upgrade want;
} open_upgrades[] = {
	{ .lines = "" },
	{ .lines = STEP("check") RESULT("success", "upgrade") },
	{ .lines = STEP("install") FOTA("\\\"START\\\"") },
	{ PUSH, true, { .intent = INTENT_INSTALL } },
	{ INTENT("transfer") "\n" STEP("transfer"), true, { .intent = INTENT_TRANSFER, .step = STEP_TRANSFER } },
	{ INTENT("transfer") "\n" PUSH, true, { .intent = INTENT_INSTALL } },
	{ PUSH "{\"type\":\"result\",\"outc", true, { .intent = INTENT_INSTALL } },
	{ STEP("install") PUSH "{\"type\":\"step\",\"step\":\"install\",\"state\":\"end\"}\n", true, { .intent = INTENT_INSTALL, .step = STEP_INSTALL } },
	{ STEP("install") PUSH "{\"type\":\"step\",\"step\":\"check\",\"state\":\"end\"}\n", true, { .intent = INTENT_INSTALL, .step = STEP_INSTALL } },
	{ FOTA("\\\"START\\\"") PUSH TX("+QIND: \\\"FOTA\\\",\\\"START\\\"") RX("+ABFOTA: \\\"START\\\""), true, { .intent = INTENT_INSTALL } },
	{ PUSH STEP("install") FOTA("\\\"START\\\""), true, { .intent = INTENT_INSTALL, .step = STEP_INSTALL, .started = true } },
	{ PUSH STEP("install") FOTA("\\\"UPDATING\\\",7"), true, { .intent = INTENT_INSTALL, .step = STEP_INSTALL, .started = true } },
	{ PUSH FOTA("\\\"RESTORE\\\",7"), true, { .intent = INTENT_INSTALL, .started = true } },
	{ PUSH STEP("restart") FOTA("\\\"START\\\"") FOTA("\\\"END\\\",504"), true,
	  { .intent = INTENT_INSTALL, .step = STEP_RESTART, .started = true, .ended = true, .end_code = 504 } },
	{ PUSH FOTA("\\\"END\\\",oops"), true, { .intent = INTENT_INSTALL, .ended = true, .end_code = -1 } },
	{ PUSH FOTA("\\\"FILEEND\\\",0"), true, { .intent = INTENT_INSTALL } },
	{ PULL FOTA("\\\"HTTPSTART\\\""), true, { .intent = INTENT_INSTALL } },
	{ PULL FOTA("\\\"HTTPEND\\\",0"), true, { .intent = INTENT_INSTALL, .downloaded = true } },
	{ PULL FOTA("\\\"FTPEND\\\",0"), true, { .intent = INTENT_INSTALL, .downloaded = true } },
	{ PUSH "{\"type\":\"notice\",\"severity\":\"info\",\"text\":\"\\\"FOTA\\\",\\\"END\\\",0\",\"t\":1.0}\n"
	  "{\"type\":\"line\",\"dir\":\"up\",\"text\":\"+QIND: \\\"FOTA\\\",\\\"END\\\",0\",\"more\":1}\n", true, { .intent = INTENT_INSTALL } },
	{ PUSH "{\"type\":\"setting\"}\n{\"type\":\"step\"}\n", true, { .intent = INTENT_INSTALL } },
	{ PUSH TX("AT+QFOTADL=\\\"COM:\\\",1,1") FOTA("\\\"START\\\"") FOUND("ERROR"), true, { .intent = INTENT_INSTALL, .started = true } },
	{ PULL TX("AT+QFOTADL=\\\"u\\\"") FOTA("\\\"HTTPEND\\\",0") FOUND("ERROR"), true, { .intent = INTENT_INSTALL, .downloaded = true } },
	{ .lines = PUSH RESULT("success", "upgrade") },
	{ .lines = PUSH RESULT("unchanged", "upgrade") },
	{ .lines = PUSH RESULT("device-failed", "upgrade") },
	{ .lines = PUSH RESULT("cancelled", "upgrade") },
	{ PUSH RESULT("unknown", "upgrade"), true, { .intent = INTENT_INSTALL, .unknown = true } },
	{ RESULT("success", "upgrade") PUSH, true, { .intent = INTENT_INSTALL } },
	{ .lines = PUSH RESULT("unknown", "upgrade") RESULT("success", "resume") },
	{ PUSH RESULT("unknown", "upgrade") RESULT("unknown", "resume"), true, { .intent = INTENT_INSTALL, .unknown = true } },
	{ PUSH RESULT("unknown", "upgrade") RESULT("busy", "resume"), true, { .intent = INTENT_INSTALL, .unknown = true } },
	{ PUSH RESULT("busy", "resume"), true, { .intent = INTENT_INSTALL } },
	{ .lines = PUSH RESULT("success", "resume") RESULT("busy", "resume") },
	{ PUSH "{\"type\":\"result\",\"outcome\":\"fine\",\"step\":\"install\",\"t\":1.0}\n", true, { .intent = INTENT_INSTALL } },
	{ .lines = PUSH CLOSED },
	{ .lines = PUSH RESULT("unknown", "upgrade") CLOSED },
	{ CLOSED PUSH, true, { .intent = INTENT_INSTALL } },
};

static void an_unfinished_upgrade_is_found(void **state)
{
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(open_upgrades); i++) {
		struct text t = {0};
		struct open_upgrade got;
		const struct open_upgrade *want = &open_upgrades[i].want;
		bool open;

		add(&t, STRING(HEADER));
		add(&t, STRING(open_upgrades[i].lines));
		write_record(p, t.data, t.size);
		free(t.data);
		memset(&got, 0x5a, sizeof(got));
		open = record_open_upgrade(must_open(p), &got);
		if (open != open_upgrades[i].open)
			fail_msg("row %zu, open: %d", i, open);
		if (open && (got.intent != want->intent || got.step != want->step || got.started != want->started ||
			     got.ended != want->ended || got.end_code != want->end_code ||
			     got.downloaded != want->downloaded || got.unknown != want->unknown || got.live_pid != 0 ||
			     strcmp(got.record, p->path) != 0))
			fail_msg("row %zu: intent %d, step %d, started %d, ended %d %d, downloaded %d, unknown %d, live %d", i,
				 (int)got.intent, (int)got.step, got.started, got.ended, got.end_code, got.downloaded,
				 got.unknown, got.live_pid);
	}
}

/* A simulated module went with the program; half a path would name another record. */
static void no_other_is_taken_for_an_unfinished_upgrade(void **state)
{
	struct place *p = *state;
	struct open_upgrade open;
	char path[2 * FILE_SIZE];
	struct record *r;

	assert_false(record_open_upgrade(open_text(p, "{\"type\":\"header\",\"format\":1,\"pid\":812,\"demo\":true}\n" PUSH), &open));
	open_text(p, HEADER PUSH);
	snprintf(path, sizeof(path), "%.*s%0*d/%s", (int)(strrchr(p->path, '/') - p->path), p->path, FILE_SIZE, 0, strrchr(p->path, '/') + 1);
	for (char *at = strstr(path, "00"); *at == '0'; at++)
		*at = '/';
	r = record_open(path, &p->e);
	assert_non_null(r);
	assert_true(record_open_upgrade(r, &open));
	assert_string_equal(open.record, "");
	record_free(r);
}

static void an_unfinished_upgrade_says_who_is_running_it(void **state)
{
	struct place *p = *state;
	struct record *r = open_text(p, HEADER PUSH);
	int fd = open(p->path, O_RDWR | O_CLOEXEC);
	struct open_upgrade open;

	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_true(record_open_upgrade(r, &open));
	assert_int_equal(open.live_pid, 812);
	close(fd);
}

#ifndef __SANITIZE_ADDRESS__
/* A byte a line and little more, whatever the lines are. */
static void memory_is_bounded(void **state)
{
	struct place *p = *state;
	struct text t = {0};
	struct mallinfo2 before, after;
	struct event ev;

	add(&t, STRING(HEADER));
	for (int i = 0; i < 200000; i++)
		add(&t, STRING(FOUND("+QIND: \\\"FOTA\\\",\\\"UPDATING\\\",37")));
	write_record(p, t.data, t.size);
	free(t.data);
	before = mallinfo2();
	must_open(p);
	for (uint64_t i = 0; i < record_count(p->r); i += 997)
		assert_true(record_event(p->r, i ? i : 1, &ev));
	after = mallinfo2();
	assert_true(after.uordblks + after.hblkhd < before.uordblks + before.hblkhd + 200000 * 2 + (1 << 18));
}
#endif

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_reads_back_as_it_was_written),
		TEST(another_form_of_the_same_json_is_the_same),
		TEST(lines_that_nearly_look_like_ours_are_read_right),
		TEST(the_lines_of_a_long_record_need_not_be_parsed),
		TEST(the_header_holds_the_plan),
		TEST(lines_of_any_length_are_found),
		TEST(a_time_is_found),
		TEST(a_line_without_a_time_has_that_of_the_line_before),
		TEST(kinds_and_errors_are_found),
		TEST(texts_are_found_as_they_read),
		TEST(what_is_appended_comes),
		TEST(a_growing_record_is_the_same_as_a_grown_one),
		TEST(a_record_that_shrinks_is_given_up),
		TEST(who_writes_it_is_known),
		TEST(an_intent_says_all),
		TEST(an_unfinished_upgrade_is_found),
		TEST(no_other_is_taken_for_an_unfinished_upgrade),
		TEST(an_unfinished_upgrade_says_who_is_running_it),
#ifndef __SANITIZE_ADDRESS__
		TEST(memory_is_bounded),
#endif
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
