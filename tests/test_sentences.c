/*
 * No code reads our sentences: in every record of tests/records, with x for each
 * of them, the diagnosis is the same; and what a result says of cause and next
 * step is the first finding. What a record says of that its run said: after a
 * change of a rule tests/records/make makes those it concerns again.
 */
#include "config.h"

#include <glob.h>
#include <jansson.h>

#include "diagnose_fixture.h"

/* --- a record without sentences: ids, arguments and what the module said are left */

static void blank_keys(json_t *o, const char *const *keys, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (json_is_string(json_object_get(o, keys[i])))
			assert_int_equal(json_object_set_new(o, keys[i], json_string("x")), 0);
}

static void blank_line(json_t *o)
{
	static const char *const sentences[] = { "text", "message", "cause", "advice", "safety", "unchecked", "problem" };
	static const char *const meaning[] = { "meaning" };
	const char *type = json_string_value(json_object_get(o, "type"));
	json_t *facts = json_object_get(o, "facts");

	assert_non_null(type);
	blank_keys(json_object_get(o, "code"), meaning, 1);
	for (size_t i = 0; i < json_array_size(facts); i++)
		blank_keys(json_array_get(facts, i), sentences, 1);
	/* of a line the text is what the module said */
	if (strcmp(type, "line") != 0)
		blank_keys(o, sentences, COUNT(sentences));
}

/* An id, and the names of its arguments, are for ever. */
static bool is_known(const json_t *o)
{
	const char *id = json_string_value(json_object_get(o, "id"));
	enum message_id known = message_named(id);
	const char *name;
	json_t *value;

	if (known == MSG_NONE)
		fail_msg("the id %s is not known any more", id);
	json_object_foreach(json_object_get(o, "args"), name, value) {
		struct message_arg arg;
		bool found = false;

		for (size_t i = 0; !found && message_arg(known, i, &arg); i++)
			found = strlen(name) == arg.name_size && memcmp(name, arg.name, arg.name_size) == 0;
		if (!found)
			fail_msg("%s has no argument %s any more", id, name);
	}
	return true;
}

/* Write the record FROM so to TO. Returns how many of its notices and results
 * have no id; *IDS is how many have. */
static unsigned blank_sentences(const char *from, const char *to, unsigned *ids)
{
	FILE *in = fopen(from, "re"), *out = fopen(to, "we");
	char *line = NULL;
	size_t room = 0;
	unsigned without = 0;

	assert_non_null(in);
	assert_non_null(out);
	while (getline(&line, &room, in) > 0) {
		json_t *o = json_loads(line, 0, NULL);
		const char *type = json_string_value(json_object_get(o, "type"));

		assert_non_null(type);
		if (json_is_string(json_object_get(o, "id")))
			*ids += is_known(o);
		else
			without += strcmp(type, "notice") == 0 || strcmp(type, "result") == 0;
		blank_line(o);
		assert_int_equal(json_dumpf(o, out, JSON_COMPACT), 0);
		fputc('\n', out);
		json_decref(o);
	}
	free(line);
	fclose(in);
	assert_int_equal(fclose(out), 0);
	return without;
}

/* --- what is found in one */

/* What is found in the record PATH. */
static size_t diagnose_for(const char *path, enum audience audience, struct finding *out)
{
	struct record *r = open_record(path);
	size_t count;

	assert_int_equal(record_damage(r)->id, MSG_NONE);
	count = diagnosis_of_record(r, audience, out, FINDINGS_MAX);
	record_free(r);
	return count;
}

static bool is_same(const struct finding *a, const struct finding *b)
{
	return strcmp(a->rule, b->rule) == 0 && a->certainty == b->certainty && strcmp(a->cause, b->cause) == 0 &&
	       strcmp(a->next, b->next) == 0 && a->line_count == b->line_count &&
	       memcmp(a->lines, b->lines, a->line_count * sizeof(a->lines[0])) == 0;
}

static void find_records(glob_t *found)
{
	char pattern[512];

	assert_int_equal(glob(source_path(pattern, sizeof(pattern), RECORDS "/*.jsonl"), 0, NULL, found), 0);
	assert_true(found->gl_pathc >= 80);
}

static void the_findings_are_the_same_without_sentences(void **state)
{
	static const enum audience audiences[] = { FOR_CONSOLE, FOR_SCREEN };
	struct finding was[FINDINGS_MAX], is[FINDINGS_MAX];
	unsigned ids = 0;
	char blank[128];
	glob_t found;

	(void)state;
	find_records(&found);
	snprintf(blank, sizeof(blank), "%s/record.jsonl", scratch);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		if (blank_sentences(found.gl_pathv[i], blank, &ids) > 0)
			fail_msg("%s: what is said has no id", found.gl_pathv[i]);
		for (size_t k = 0; k < COUNT(audiences); k++) {
			size_t count = diagnose_for(found.gl_pathv[i], audiences[k], was);

			assert_int_equal(diagnose_for(blank, audiences[k], is), count);
			for (size_t n = 0; n < count; n++)
				if (!is_same(&was[n], &is[n]))
					fail_msg("%s: %s: %s, with x %s: %s", found.gl_pathv[i],
						 was[n].rule, was[n].cause, is[n].rule, is[n].cause);
		}
	}
	print_message("records: %zu; with an id: %u\n", found.gl_pathc, ids);
	assert_true(ids > found.gl_pathc);
	globfree(&found);
}

/* The last result of the record PATH. False when there is none. */
static bool read_result(const char *path, struct result *out)
{
	struct record *r = open_record(path);
	uint64_t at = record_count(r);
	struct event ev;
	bool found = record_find(r, at, true, 1U << EVENT_RESULT, false, &at) && record_event(r, at, &ev);

	if (found)
		*out = ev.result;
	record_free(r);
	return found;
}

static void a_result_says_what_is_found_first(void **state)
{
	struct finding findings[FINDINGS_MAX];
	unsigned failed = 0;
	struct result r;
	glob_t found;

	(void)state;
	find_records(&found);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		size_t count;

		if (!read_result(found.gl_pathv[i], &r) || r.outcome == OUTCOME_SUCCESS || r.outcome == OUTCOME_READY)
			continue;
		count = diagnose_for(found.gl_pathv[i], FOR_CONSOLE, findings);
		if (count == 0 || strcmp(r.cause, findings[0].cause) != 0 || strcmp(r.advice, findings[0].next) != 0)
			fail_msg("%s: its result says\n%s\n%s\nand is found\n%s\n%s", found.gl_pathv[i], r.cause, r.advice,
				 count ? findings[0].cause : "(nothing)", count ? findings[0].next : "");
		failed++;
	}
	print_message("failed sessions: %u\n", failed);
	assert_true(failed >= 50);
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_findings_are_the_same_without_sentences, make_scratch, remove_scratch),
		cmocka_unit_test(a_result_says_what_is_found_first),
	};

	return cmocka_run_group_tests_name("sentences", tests, NULL, NULL);
}
