/* A scenario that loads lies within its table, and its properties keep their limits:
 * read and set again they are the same. */
#include "config.h"

#include "sim/scenario.h"
#include "tests/fuzz/safe.h"

static void check_actions(const struct sim_scenario *sc, size_t size)
{
	for (size_t i = 0; i < sc->action_count; i++) {
		const struct sim_action *a = &sc->actions[i];

		CLAIM(a->what <= SIM_DO_HUSH);
		CLAIM(a->size == 0 || (a->text >= sc->text && a->text + a->size <= sc->text + size));
		CLAIM(!a->text || a->text[a->size] == '\0');
	}
}

static void check_settings(const struct sim_settings *p)
{
	static const char *const names[] = { "imei", "percents", "baud", "noise-in", "voltage-mv", "eol" };
	struct sim_settings again = *p;
	char value[512], twice[512];
	struct err e;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int row = sim_setting_find(names[i], strlen(names[i]));

		CLAIM(row >= 0);
		sim_setting_get(p, (size_t)row, value, sizeof(value));
		CLAIM(sim_setting_set(&again, (size_t)row, value, &e) == 0);
		CLAIM(strcmp(sim_setting_get(&again, (size_t)row, twice, sizeof(twice)), value) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sim_scenario sc;
	struct sim_settings p;
	struct err e = { .code = ERR_NONE };

	sim_settings_init(&p, true);
	if (sim_scenario_parse(&sc, &p, "fuzz", (const char *)data, size, &e) < 0) {
		claim_words(&e);
		return 0;
	}
	CLAIM(sc.block_count <= SCENARIO_BLOCKS && sc.action_count <= SCENARIO_ACTIONS);
	for (size_t i = 0; i < sc.block_count; i++) {
		const struct sim_block *b = &sc.blocks[i];

		CLAIM(b->first + b->count <= sc.action_count && b->at < SIM_AT_COUNT);
		if (b->command)
			sim_pattern_fits(b->command, "AT+QFOTADL=\"COM:\",307200,60");
	}
	check_actions(&sc, size + 1);
	check_settings(&p);
	sim_scenario_free(&sc);
	return 0;
}
