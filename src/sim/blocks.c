#include "config.h"

#include "sim/blocks.h"

static struct sim_run *free_run(struct sim *s)
{
	for (size_t i = 0; i < SIM_RUNS; i++)
		if (!s->runs[i].block)
			return &s->runs[i];
	return NULL;
}

static void do_step(struct sim *s, sim_step *step, long arg, bool hush)
{
	bool before = s->hush;

	if (!step)
		return;
	s->hush = hush;
	step(s, arg);
	s->hush = before;
}

/* A step of an upgrade that a block dropped: nothing comes after it. */
static void drop_step(struct sim *s, enum sim_at at)
{
	if (at >= SIM_AT_DATA_END)
		s->parts->upgrade_cancel(s);
}

static void end_run(struct sim *s, struct sim_run *slot)
{
	struct sim_run r = *slot;

	slot->block = NULL;
	if (r.command)
		s->parts->command_go_on(s, r.did_default ? SIM_OK : SIM_TAKEN);
	else if (r.dropped)
		drop_step(s, r.block->at);
	else if (!r.did_default)
		do_step(s, r.then, r.arg, r.hush);
}

static void stop(struct sim *s)
{
	s->stopped = true;
	for (size_t i = 0; i < SIM_RUNS; i++)
		s->runs[i].block = NULL;
	for (size_t i = 0; i < SIM_TIMERS; i++)
		s->timer[i] = SIM_NEVER;
}

/* Answered: what the block does from here on keeps no host waiting. */
static void end_command(struct sim *s, struct sim_run *r)
{
	r->command = false;
	s->parts->command_go_on(s, SIM_TAKEN);
}

static void run_default(struct sim *s, struct sim_run *r)
{
	if (r->did_default || r->dropped)
		return;
	r->did_default = true;
	if (!r->command) {
		do_step(s, r->then, r->arg, r->hush);
		return;
	}
	if (s->parts->command_default(s) == SIM_TAKEN)
		end_command(s, r);
}

static void run_action(struct sim *s, struct sim_run *r,
		       const struct sim_action *a)
{
	char text[1024];
	struct err e;

	switch (a->what) {
	case SIM_DO_LINE:
		sim_put_line(s, sim_expand(s, text, sizeof(text), a->text));
		break;
	case SIM_DO_RAW:
		sim_put(s, a->text, a->size);
		break;
	case SIM_DO_FILL:
		sim_put_item(s, &(struct sim_out){ .kind = SIM_OUT_FILL, .left = (uint64_t)a->number,
						   .fill = (unsigned char)a->text[0] });
		break;
	case SIM_DO_GARBAGE:
		sim_put_item(s, &(struct sim_out){ .kind = SIM_OUT_GARBAGE, .left = (uint64_t)a->number });
		break;
	case SIM_DO_WAIT:
		r->due_ms = a->number > SIM_NEVER - s->now_ms ? SIM_NEVER : s->now_ms + a->number;
		break;
	case SIM_DO_HOLD:
		r->held = s->releases == 0;
		if (!r->held)
			s->releases--;
		break;
	case SIM_DO_SET:
		/* tried when it was parsed */
		sim_setting_set(&s->set, a->key, a->text, &e);
		break;
	case SIM_DO_VANISH:
		sim_leave(s, true, a->number);
		break;
	case SIM_DO_REBOOT:
		sim_leave(s, false, s->set.absent_ms);
		break;
	case SIM_DO_STOP:
		stop(s);
		break;
	case SIM_DO_FINISH:
		s->parts->data_finish(s);
		break;
	case SIM_DO_LEAVE:
		s->parts->data_leave(s);
		break;
	case SIM_DO_DEFAULT:
		run_default(s, r);
		break;
	case SIM_DO_DROP:
		r->dropped = true;
		if (r->command)
			end_command(s, r);
		break;
	case SIM_DO_HUSH:
		r->hush = true;
		break;
	}
}

void sim_run_go_on(struct sim *s, struct sim_run *r)
{
	r->due_ms = SIM_NEVER;
	while (r->block) {
		const struct sim_action *a = &s->scenario.actions[r->block->first + r->next];

		if (r->next == r->block->count) {
			end_run(s, r);
			return;
		}
		r->next++;
		run_action(s, r, a);
		if (a->what == SIM_DO_WAIT || r->held)
			return;
	}
}

static bool start_run(struct sim *s, size_t block, const struct sim_run *how)
{
	struct sim_run *r = free_run(s);

	if (!r)
		return false;
	*r = *how;
	r->block = &s->scenario.blocks[block];
	sim_run_go_on(s, r);
	return true;
}

static bool event_fits(const struct sim *s, size_t i, enum sim_at event, long arg)
{
	const struct sim_block *b = &s->scenario.blocks[i];

	if (b->command || b->at != event)
		return false;
	if (event == SIM_AT_UPDATING)
		return !s->fired[i] && b->number <= arg;
	return (event != SIM_AT_DATA && event != SIM_AT_ACK) || b->number == arg;
}

/* Count block I as met; true when its `nth` fits. */
static bool meet(struct sim *s, size_t i)
{
	const struct sim_block *b = &s->scenario.blocks[i];
	unsigned n = ++s->seen[i];

	return !b->nth || n == b->nth || (b->nth_on && n > b->nth);
}

void sim_event(struct sim *s, enum sim_at event, long arg, sim_step *then)
{
	size_t chosen = SCENARIO_BLOCKS;

	for (size_t i = 0; i < s->scenario.block_count; i++) {
		if (!event_fits(s, i, event, arg) || !meet(s, i))
			continue;
		if (chosen == SCENARIO_BLOCKS)
			chosen = i;
	}
	if (chosen != SCENARIO_BLOCKS) {
		s->fired[chosen] = true;
		if (start_run(s, chosen, &(struct sim_run){ .then = then, .arg = arg }))
			return;
	}
	do_step(s, then, arg, false);
}

bool sim_run_command_block(struct sim *s)
{
	size_t chosen = SCENARIO_BLOCKS;

	for (size_t i = 0; i < s->scenario.block_count; i++) {
		const char *pattern = s->scenario.blocks[i].command;

		if (!pattern || !sim_pattern_fits(pattern, s->command) || !meet(s, i))
			continue;
		if (chosen == SCENARIO_BLOCKS)
			chosen = i;
	}
	return chosen != SCENARIO_BLOCKS &&
	       start_run(s, chosen, &(struct sim_run){ .command = true });
}

void sim_forget_percents(struct sim *s)
{
	for (size_t i = 0; i < s->scenario.block_count; i++)
		if (s->scenario.blocks[i].at == SIM_AT_UPDATING)
			s->fired[i] = false;
}

uint64_t sim_next_data_event(const struct sim *s, uint64_t received)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < s->scenario.block_count; i++) {
		const struct sim_block *b = &s->scenario.blocks[i];
		uint64_t n = (uint64_t)b->number;

		if (!b->command && b->at == SIM_AT_DATA && n > received && n < next)
			next = n;
	}
	return next;
}

int64_t sim_time_block_ms(const struct sim *s, size_t i)
{
	const struct sim_block *b = &s->scenario.blocks[i];

	if (b->command || b->at != SIM_AT_TIME || s->fired[i] || b->number > SIM_NEVER - s->born_ms)
		return SIM_NEVER;
	return s->born_ms + b->number;
}

void sim_time_block(struct sim *s, size_t i)
{
	s->fired[i] = true;
	start_run(s, i, &(struct sim_run){ 0 });
}
