/*
 * simulate - whole sessions of the engine and the simulated module, each drawn
 * from a seed (world.h), run on a virtual clock and judged (judge.h).
 *
 *	simulate [-n COUNT] [-s SEED] [-m MINUTES] [-j JOBS] [-k] [-v] [-o DIR]	COUNT seeds from SEED on
 *	simulate FILE...			worlds as text
 *
 * -m ends after so many minutes and counts what was run; -j runs so many processes, of which each takes
 * its share of the seeds; -k goes on after a failure and prints one of each kind, -o writes each to a file
 * in DIR; -v prints each line.
 * Exit 0 when every session was right.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/simulate/session.h"
#include "tests/simulate/shrink.h"

#define CLASSES 64
#define KINDS_MAX 128
#define JOBS_MAX 64
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
	double seconds;		/* without those that it took to shrink */
};

/* What is drawn: each seed from FIRST on that is less than END, STEP apart. */
struct draw {
	uint64_t first, end;
	unsigned long step;
	double limit_s;		/* 0: none */
	const char *theme, *dir;
	bool go_on, verbose;
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

/* COUNT more of class WHAT, SEED the first of them. True for the first of its class. */
static bool count_wrong(struct counts *c, const char *what, unsigned long count, uint64_t seed)
{
	size_t i = 0;

	while (i < c->class_count && strcmp(c->classes[i].what, what) != 0)
		i++;
	if (i == CLASSES)
		return false;
	if (i == c->class_count) {
		snprintf(c->classes[i].what, sizeof(c->classes[i].what), "%s", what);
		c->classes[i].seed = seed;
		c->class_count++;
	}
	c->classes[i].count += count;
	return c->classes[i].count == count;
}

static void add_counts(struct counts *c, const struct counts *more)
{
	c->sessions += more->sessions;
	c->right += more->right;
	c->twice += more->twice;
	c->resumed += more->resumed;
	c->killed += more->killed;
	for (int i = 0; i < OUTCOME_COUNT; i++)
		c->outcomes[i] += more->outcomes[i];
	for (size_t i = 0; i < KINDS_MAX; i++)
		c->kinds[i] += more->kinds[i];
	for (size_t i = 0; i < more->class_count; i++)
		count_wrong(c, more->classes[i].what, more->classes[i].count, more->classes[i].seed);
	if (more->seconds > c->seconds)
		c->seconds = more->seconds;
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

static void print_counts(const struct counts *c)
{
	for (size_t i = 0; kind_row(i); i++)
		printf("%8lu  %s\n", c->kinds[i], kind_row(i)->name);
	for (int i = 0; i < OUTCOME_COUNT; i++)
		printf("%8lu  %s\n", c->outcomes[i], outcome_info((enum outcome)i)->name);
	printf("%8lu  killed before there was anything to resume\n", c->killed);
	printf("%8lu  resumed\n", c->resumed);
	printf("%8lu  run twice, the same both times\n", c->twice);
	printf("%8.0f  sessions a second\n", (double)c->sessions / (c->seconds > 0 ? c->seconds : 1));
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

/* Of some seeds the session has to pass the same way a second time. */
static bool run_seed(struct counts *c, const struct draw *d, const struct world *w, uint64_t seed, struct report *r)
{
	static struct report again;

	if (!session_run(w, d->verbose, r))
		return false;
	if (seed % TWICE != 0)
		return true;
	session_run(w, false, &again);
	if (again.hash != r->hash) {
		snprintf(r->wrong, sizeof(r->wrong), "replay: the second time it went another way");
		return false;
	}
	c->twice++;
	return true;
}

static void run_seeds(struct counts *c, const struct draw *d)
{
	static struct report r;
	double begun = now_s(), shrinking = 0;

	for (uint64_t seed = d->first; seed < d->end && (d->limit_s <= 0 || now_s() - begun < d->limit_s); seed += d->step) {
		struct world w;
		bool right;
		char name[40], what[64];

		world_draw(&w, seed, d->theme);
		right = run_seed(c, d, &w, seed, &r);
		count_world(c, &w, &r);
		c->right += right;
		if (right)
			continue;
		snprintf(name, sizeof(name), "seed %llu", (unsigned long long)seed);
		shrink_class(r.wrong, what, sizeof(what));
		if (count_wrong(c, what, 1, seed)) {
			double before = now_s();

			show(&w, name, &r, d->dir);
			shrinking += now_s() - before;
		}
		if (!d->go_on)
			break;
	}
	c->seconds = now_s() - begun - shrinking;
}

/* A process of its own draws D and writes what it counted to FD. */
static void job(const struct draw *d, int fd)
{
	static struct counts c;

	session_begin();
	run_seeds(&c, d);
	session_end();
	fflush(stdout);
	_exit(write(fd, &c, sizeof(c)) == (ssize_t)sizeof(c) ? 0 : 1);
}

/* D by JOBS processes, each with its share of the seeds; false when one did not come to its end. */
static bool run_jobs(struct counts *c, struct draw d, unsigned long jobs)
{
	int pipes[JOBS_MAX][2], status;
	bool whole = true;

	d.step = jobs;
	for (unsigned long i = 0; i < jobs; i++, d.first++) {
		if (pipe(pipes[i]) < 0)
			abort();
		if (fork() == 0)
			job(&d, pipes[i][1]);
		close(pipes[i][1]);
	}
	for (unsigned long i = 0; i < jobs; i++) {
		struct counts more;
		FILE *f = fdopen(pipes[i][0], "r");

		if (!f)
			abort();
		if (fread(&more, sizeof(more), 1, f) == 1)
			add_counts(c, &more);
		else
			whole = false;
		fclose(f);
	}
	while (wait(&status) > 0)
		whole = whole && status == 0;
	return whole;
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
	static struct counts c;
	struct draw d = { .first = 1 };
	unsigned long count = 1, jobs = 1;
	int option, status = 0;

	while ((option = getopt(argc, argv, "n:s:m:j:t:kvo:")) != -1) {
		if (option == 'n')
			count = strtoul(optarg, NULL, 10);
		else if (option == 's')
			d.first = strtoull(optarg, NULL, 10);
		else if (option == 'm')
			d.limit_s = 60 * strtod(optarg, NULL);
		else if (option == 'j')
			jobs = strtoul(optarg, NULL, 10);
		else if (option == 't')
			d.theme = optarg;
		else if (option == 'k')
			d.go_on = true;
		else if (option == 'o')
			d.dir = optarg;
		else if (option == 'v')
			d.verbose = true;
		else
			return 64;
	}
	if (jobs < 1 || jobs > JOBS_MAX)
		return 64;
	d.end = d.first + count;
	if (optind == argc) {
		status = !run_jobs(&c, d, jobs);
		print_counts(&c);
		return status || c.right != c.sessions;
	}
	session_begin();
	for (int i = optind; i < argc; i++)
		status |= run_file(argv[i], d.verbose);
	session_end();
	return status;
}
