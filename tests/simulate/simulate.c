/*
 * simulate - whole sessions of the engine and the simulated module, each drawn
 * from a seed (world.h), run on a virtual clock and judged (judge.h).
 *
 *	simulate [-n COUNT] [-s SEED] [-m MINUTES] [-k] [-v] [-o DIR]	COUNT seeds from SEED on
 *	simulate FILE...			worlds as text
 *
 * -m ends after so many minutes and counts what was run; -k goes on after a failure and prints one of each kind, -o writes each to a file
 * in DIR; -v prints each line.
 * Exit 0 when every session was right.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/simulate/session.h"
#include "tests/simulate/shrink.h"

#define CLASSES 64
#define KINDS_MAX 128
/* One seed of so many is run twice: it must pass byte for byte the same way. */
#define TWICE 100

struct counts {
	unsigned long sessions, right, twice, resumed, killed;
	unsigned long outcomes[OUTCOME_COUNT], kinds[KINDS_MAX];
	struct {
		char what[64];
		unsigned long count;
		uint64_t seed;
	} classes[CLASSES];
	size_t class_count;
};

static size_t kind_number(const struct kind *kind)
{
	size_t i = 0;

	while (kind_row(i) != kind)
		i++;
	return i;
}

static void count_world(struct counts *c, const struct world *w, const struct report *r)
{
	c->sessions++;
	c->resumed += r->seen.resumed > 0;
	c->killed += r->seen.killed;
	if (r->seen.results == 1)
		c->outcomes[r->seen.result.outcome]++;
	for (size_t i = 0; i < w->count; i++)
		c->kinds[kind_number(w->facts[i].kind)]++;
}

/* True for the first of its class. */
static bool count_wrong(struct counts *c, const struct report *r, uint64_t seed)
{
	char what[64];
	size_t i = 0;

	shrink_class(r->wrong, what, sizeof(what));
	while (i < c->class_count && strcmp(c->classes[i].what, what) != 0)
		i++;
	if (i == CLASSES)
		return false;
	if (i == c->class_count) {
		snprintf(c->classes[i].what, sizeof(c->classes[i].what), "%s", what);
		c->classes[i].seed = seed;
		c->class_count++;
	}
	return c->classes[i].count++ == 0;
}

static const char *text_of(const struct world *w, const char *name, const struct report *r)
{
	static char text[WORLD_TEXT_SIZE + 1024];
	int n = snprintf(text, sizeof(text), "# %s: %s\n", name, r->wrong);

	world_print(w, text + n, sizeof(text) - (size_t)n);
	return text;
}

/* A file of its own in DIR. */
static void save(const char *dir, const char *text, const char *wrong)
{
	char path[512], what[64];
	FILE *f;

	shrink_class(wrong, what, sizeof(what));
	for (char *c = what; *c; c++)
		if (!isalnum((unsigned char)*c))
			*c = '-';
	snprintf(path, sizeof(path), "%s/%s.txt", dir, what);
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f) != 0)
		perror(path);
}

static void show(const struct world *w, const char *name, const struct report *r, const char *dir)
{
	static char text[WORLD_TEXT_SIZE];
	struct world shorter = *w;
	struct report last;

	printf("%s: %s\n", name, r->wrong);
	shrink(&shorter, r, &last);
	fputs(text_of(&shorter, name, &last), stdout);
	if (dir)
		save(dir, text_of(&shorter, name, &last), last.wrong);
	printf("# its module, for dfota sim --scenario:\n");
	session_module(&shorter, text);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		printf("#%s\n", line);
	fflush(stdout);
}

static void print_counts(const struct counts *c, double seconds)
{
	for (size_t i = 0; kind_row(i); i++)
		printf("%8lu  %s\n", c->kinds[i], kind_row(i)->name);
	for (int i = 0; i < OUTCOME_COUNT; i++)
		printf("%8lu  %s\n", c->outcomes[i], outcome_info((enum outcome)i)->name);
	printf("%8lu  killed before there was anything to resume\n", c->killed);
	printf("%8lu  resumed\n", c->resumed);
	printf("%8lu  run twice, the same both times\n", c->twice);
	printf("%8.0f  sessions a second\n", (double)c->sessions / (seconds > 0 ? seconds : 1));
	for (size_t i = 0; i < c->class_count; i++)
		printf("%8lu  wrong: %s (first: %llu)\n", c->classes[i].count, c->classes[i].what,
		       (unsigned long long)c->classes[i].seed);
	printf("%lu of %lu\n", c->right, c->sessions);
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int run_seeds(uint64_t from, unsigned long count, double end_s, const char *theme, bool go_on, bool verbose, const char *dir)
{
	static struct counts c;
	static struct report r, again;
	double begun = now_s(), shrinking = 0;

	for (uint64_t seed = from; seed < from + count && (end_s <= 0 || now_s() - begun < end_s); seed++) {
		struct world w;
		bool right;
		char name[40];

		world_draw(&w, seed, theme);
		right = session_run(&w, verbose, &r);
		if (right && seed % TWICE == 0) {
			session_run(&w, false, &again);
			right = again.hash == r.hash;
			if (!right)
				snprintf(r.wrong, sizeof(r.wrong), "replay: the second time it went another way");
			c.twice += right;
		}
		count_world(&c, &w, &r);
		c.right += right;
		snprintf(name, sizeof(name), "seed %llu", (unsigned long long)seed);
		if (!right && count_wrong(&c, &r, seed)) {
			double before = now_s();

			show(&w, name, &r, dir);
			shrinking += now_s() - before;
		}
		if (!right && !go_on)
			break;
	}
	print_counts(&c, now_s() - begun - shrinking);
	return c.right == c.sessions ? 0 : 1;
}

static int run_file(const char *path, bool verbose)
{
	static char text[WORLD_TEXT_SIZE];
	static struct report r;
	char line[256];
	struct world w;
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f) {
		perror(path);
		return 1;
	}
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	if (!world_parse(&w, text, line, sizeof(line))) {
		fprintf(stderr, "%s: no fact: %s\n", path, line);
		return 1;
	}
	if (session_run(&w, verbose, &r)) {
		printf("%s: right (%s)\n", path, outcome_info(r.seen.result.outcome)->name);
		return 0;
	}
	show(&w, path, &r, NULL);
	return 1;
}

int main(int argc, char **argv)
{
	unsigned long count = 1;
	uint64_t seed = 1;
	double end_s = 0;
	bool go_on = false, verbose = false;
	const char *dir = NULL, *theme = NULL;
	int option, status = 0;

	while ((option = getopt(argc, argv, "n:s:m:t:kvo:")) != -1) {
		if (option == 'n')
			count = strtoul(optarg, NULL, 10);
		else if (option == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (option == 'm')
			end_s = 60 * strtod(optarg, NULL);
		else if (option == 't')
			theme = optarg;
		else if (option == 'k')
			go_on = true;
		else if (option == 'o')
			dir = optarg;
		else if (option == 'v')
			verbose = true;
		else
			return 64;
	}
	session_begin();
	if (optind == argc)
		status = run_seeds(seed, count, end_s, theme, go_on, verbose, dir);
	for (int i = optind; i < argc; i++)
		status |= run_file(argv[i], verbose);
	session_end();
	return status;
}
