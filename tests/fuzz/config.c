/* A configuration file sets what it may and nothing else, and numbers within their
 * limits; a command line parsed over it says why where it makes no sense. */
#include "config.h"

#include "command/options.h"
#include "tests/fuzz/safe.h"

#define WORDS 16

static void check_number(int number, int most)
{
	CLAIM(number >= 0 && number <= most);
}

static void check_plan(const struct plan *plan)
{
	check_number(plan->baud, 4000000);
	check_number(plan->com_timeout_s, 65535);
	check_number(plan->start_timeout_s, 86400);
	check_number(plan->watch_timeout_s, 86400);
	check_number(plan->return_timeout_s, 86400);
	check_number(plan->supply_min_mv, 10000);
	CLAIM(memchr(plan->imei, '\0', sizeof(plan->imei)));
	CLAIM(memchr(plan->profile, '\0', sizeof(plan->profile)));
	CLAIM(memchr(plan->com_command, '\0', sizeof(plan->com_command)));
	CLAIM(!plan->user[0] && !plan->password[0]);
}

/* Only lasting choices come from a file: no port, package or answer of one upgrade. */
static void check_config(const struct options *o)
{
	struct options rest = *o;

	memset(rest.plan.imei, 0, sizeof(rest.plan.imei));
	memset(rest.plan.profile, 0, sizeof(rest.plan.profile));
	memset(rest.plan.com_command, 0, sizeof(rest.plan.com_command));
	CLAIM(!rest.plan.port[0] && !rest.plan.file[0] && !rest.plan.url[0] && !rest.plan.target[0] &&
	      !rest.plan.publish[0] && !rest.plan.assume_yes && !rest.plan.overwrite && !rest.demo && !rest.json &&
	      !rest.credentials && !rest.record && rest.command == COMMAND_SCREEN && rest.word_count == 0);
}

static void parse_words(struct options *o, struct input in)
{
	char text[2048], *argv[WORDS + 2] = { "dfota" };
	struct err e = { .code = ERR_NONE };
	int argc = 1;
	char *rest = text_of(in, text, sizeof(text));

	while (argc <= WORDS && rest[0])
		argv[argc++] = strsep(&rest, "\n") , rest = rest ? rest : "";
	argv[argc] = NULL;
	options_name_json(argc, argv);
	if (options_parse(argc, argv, o, &e) < 0)
		claim_words(&e);
	CLAIM(o->command < COMMAND_COUNT && o->topic < COMMAND_COUNT && o->word_count <= sizeof(o->words) / sizeof(o->words[0]));
	check_plan(&o->plan);
	CLAIM(options_route(o) <= ROUTE_PUBLISH);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size }, file = take_until(&in, '\0');
	struct options o;
	struct err e = { .code = ERR_NONE };
	char path[32];
	int r;

	file_of(file, path);
	options_init(&o);
	r = options_read_config(path, &o, &e);
	if (r < 0)
		claim_words(&e);
	CLAIM(r == 0 || o.misconfigured != 0);
	check_config(&o);
	check_plan(&o.plan);
	parse_words(&o, in);
	return 0;
}
