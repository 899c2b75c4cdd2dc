#include "config.h"

#include "command/lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/words.h"

#define BAR_WIDTH 24

void lines_clear(struct lines *l)
{
	if (l->drawn)
		fputs("\r\033[K", l->out);
	l->drawn = false;
}

void lines_progress(struct lines *l, const struct event *ev)
{
	double done = ev->progress.total ?
		(double)ev->progress.done / (double)ev->progress.total : 0;
	int tenth = (int)(done * 10), cells = (int)(done * BAR_WIDTH);
	char bar[BAR_WIDTH + 1], count[28], total[28];

	if (ev->progress.unit == UNIT_NONE || l->quiet)
		return;
	if (!l->terminal) {
		if (tenth != l->tenth)
			text_print(l->out, "%s %d%%", _(step_info(ev->progress.step)->label), tenth * 10);
		l->tenth = tenth;
		return;
	}
	memset(bar, '-', BAR_WIDTH);
	memset(bar, '#', (size_t)cells);
	bar[BAR_WIDTH] = '\0';
	fprintf(l->out, "\r\033[K%s [%s] %3d%%", _(step_info(ev->progress.step)->label), bar, (int)(done * 100));
	if (ev->progress.unit == UNIT_BYTES)
		fprintf(l->out, _("  %s of %s B"), text_count(count, ev->progress.done), text_count(total, ev->progress.total));
	if (ev->progress.bytes_per_s > 0)
		fprintf(l->out, "  %.1f kB/s  %lld:%02lld", ev->progress.bytes_per_s / 1000,
		       (long long)ev->progress.left_ms / 60000, (long long)ev->progress.left_ms / 1000 % 60);
	l->drawn = true;
}

void lines_question(const struct question *q)
{
	char size[28], text[TEXT_SIZE];

	fputc('\n', stderr);
	text_print(stderr, _("module   %s, IMEI %s, on %s"), q->module.model, q->module.imei, q->module.port);
	text_print(stderr, _("from     %s"), q->from);
	text_print(stderr, _("to       %s"), q->to);
	text_print(stderr, _("package  %s"), q->package);
	if (q->size)
		text_print(stderr, _("size     %s B"), text_count(size, q->size));
	if (q->sha256[0])
		text_print(stderr, _("sha256   %s"), q->sha256);
	text_print(stderr, _("method   %s"), _(route_info(q->route)->module_downloads ? N_("the module downloads") : N_("over the serial port")));
	text_print(stderr, _("command  %s"), q->command);
	for (size_t i = 0; i < q->fact_count; i++)
		text_print(stderr, message_info(q->facts[i].id)->severity == SEVERITY_INFO ? _("note     %s") : _("warning  %s"),
			message_text(&q->facts[i], FOR_CONSOLE, text, sizeof(text)));
}

void lines_prompt(size_t count)
{
	if (count > 1)
		fprintf(stderr, _("\nInstall it on these %zu modules?\nFrom the start of the installation on the power must stay on. Type yes: "), count);
	else
		fputs(_("Install it?\nFrom the start of the installation on the power must stay on. Type yes: "), stderr);
}

int lines_answer(struct answer *a)
{
	char byte;
	ssize_t n = read(STDIN_FILENO, &byte, 1);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return -1;
	if (n == 1 && byte != '\n') {
		if (a->size < sizeof(a->text))
			a->text[a->size++] = byte;
		return -1;
	}
	return a->size == 3 && memcmp(a->text, "yes", 3) == 0;
}

void lines_settings(FILE *out, const struct settings *all)
{
	char text[2 * TEXT_SIZE];
	struct message m;

	for (size_t i = 0; i < all->count; i++) {
		setting_message(&all->list[i], &m);
		text_print(out, _("  setting %s"), message_text(&m, FOR_CONSOLE, text, sizeof(text)));
	}
}

static void print_result(FILE *out, const struct result *r)
{
	char text[2 * TEXT_SIZE];

	text_print(out, "%s: %s", r->outcome == OUTCOME_STOPPED ? "stopped" : outcome_info(r->outcome)->name,
	       message_text(&r->what, FOR_CONSOLE, text, sizeof(text)));
	if (r->code.present)
		text_print(out, _("  code    %s %d: %s (as %s)"), r->code.table, r->code.number, r->code.meaning, r->code.family);
	if (r->cause[0])
		text_print(out, _("  cause   %s"), r->cause);
	if (r->advice[0])
		text_print(out, _("  next    %s"), r->advice);
	lines_settings(out, &r->settings);
	text_print(out, _("  safe    %s"), message_plain(result_safety(r), FOR_CONSOLE, text, sizeof(text)));
	if (r->record[0])
		text_print(out, _("  record  %s"), r->record);
}

static void print_notice(FILE *out, const struct event *ev)
{
	char text[2 * TEXT_SIZE];

	text_print(out, ev->notice.severity == SEVERITY_INFO ? "  %s" : _("  warning: %s"),
	       message_text(&ev->notice.message, FOR_CONSOLE, text, sizeof(text)));
}

void lines_event(struct lines *l, const struct event *ev)
{
	if (ev->type != EVENT_PROGRESS)
		lines_clear(l);
	switch (ev->type) {
	case EVENT_STEP:
		if (ev->step.begin && !l->quiet)
			text_print(l->out, "%s", _(step_info(ev->step.step)->label));
		l->tenth = 0;
		break;
	case EVENT_IDENTITY:
		if (!l->quiet)
			text_print(l->out, _("  %s, firmware %s, IMEI %s"), ev->identity.model, ev->identity.version,
			       ev->identity.imei[0] ? ev->identity.imei : _("(none)"));
		break;
	case EVENT_PROGRESS:
		lines_progress(l, ev);
		break;
	case EVENT_NOTICE:
		if (!l->quiet || ev->notice.severity != SEVERITY_INFO)
			print_notice(l->out, ev);
		break;
	case EVENT_LINE:
		if (l->verbose)
			text_print(l->out, "  %10.3f %c %s", (double)ev->t_ms / 1000,
			       ev->line.dir == LINE_TX ? '>' : '<', ev->line.text);
		break;
	case EVENT_QUESTION:
	case EVENT_PORT:
	case EVENT_PACKAGE:
	case EVENT_DATA:
	case EVENT_ANSWER:
	case EVENT_RECORD:
	case EVENT_PLAN:
	case EVENT_SETTING:
	case EVENT_BEGIN:
	case EVENT_CHECKS:
	case EVENT_START:
	case EVENT_INTENT:
	case EVENT_RESUMED:
	case EVENT_CLOSED:
	case EVENT_SHOWN:
	case EVENT_GAP:
	case EVENT_COUNT:
		break;
	case EVENT_RESULT:
		print_result(l->out, &ev->result);
		break;
	}
	fflush(l->out);
}
