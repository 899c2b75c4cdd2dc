#include "config.h"

#include "ui/term/screen.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "base/count.h"
#include "ui/term/cells.h"
#include "ui/term/input.h"

#define SLOW_BAUD 19200
#define PASTE_GAP_MS 10
#define READS 64		/* at once, then the rest of the program has its turn */
#define LINE_CELLS 512
#define STATUS_MIN 10	/* columns: less of one says nothing */

struct screen {
	SCREEN *curses;
	FILE *out, *in;
	bool ascii, vt, slow;
	bool knows_modes;	/* it has private modes, or leaves out those it has not */
	bool mouse;
	bool cursor_shown, has_cursor;
	int cursor_y, cursor_x;
	struct input input;
	bool in_burst;		/* the keys before filled the buffer and more came */
	attr_t attributes[ROLE_COUNT];
	short pairs[ROLE_COUNT];
};

/* What TERM may know better than input.c. */
static const struct {
	const char *capability;
	int code;
} terminal_keys[] = {
	{ "kcuu1", K_UP }, { "kcud1", K_DOWN }, { "kcub1", K_LEFT }, { "kcuf1", K_RIGHT },
	{ "khome", K_HOME }, { "kfnd", K_HOME }, { "ka1", K_HOME },
	{ "kend", K_END }, { "kslt", K_END }, { "kc1", K_END },
	{ "kpp", K_PAGE_UP }, { "ka3", K_PAGE_UP }, { "knp", K_PAGE_DOWN }, { "kc3", K_PAGE_DOWN },
	{ "kbs", K_BACKSPACE }, { "kdch1", K_DELETE }, { "kcbt", K_SHIFT_TAB }, { "kent", K_ENTER },
	{ "kf1", K_F1 }, { "kf10", K_F10 },
};

int screen_possible(struct err *e)
{
	const char *term = getenv("TERM"), *cup;
	int status;

	if (!term || !*term)
		return err_fail(e, MSG_TERM_NOT_SET, "");
	if (setupterm(NULL, STDOUT_FILENO, &status) != OK)
		return err_fail(e, MSG_TERM_NOT_KNOWN, "term=%s", term);
	cup = tigetstr("cup");
	if (!cup || cup == (char *)-1)
		err_fail(e, MSG_TERM_NO_CURSOR, "term=%s", term);
	del_curterm(cur_term);
	return !cup || cup == (char *)-1 ? -1 : 0;
}

/* Whatever TERM is: what positions its cursor as ECMA-48 has it takes CSI ? as a
 * whole. Others would show the letters. */
static bool knows_modes(void)
{
	const char *cup = tigetstr("cup");

	return cup && cup != (char *)-1 && !strncmp(cup, "\033[", 2);
}

/* Past curses, which knows nothing of it: it makes no difference to the picture. */
static void put_mode(const struct screen *s, const char *bytes)
{
	fputs(bytes, s->out);
	fflush(s->out);
}

/* Marks around what is pasted, so that nothing of it is a key. */
static void ask_for_paste_marks(const struct screen *s, bool on)
{
	if (s->knows_modes)
		put_mode(s, on ? "\033[?2004h" : "\033[?2004l");
}

/* Presses and the wheel; with places of any size where it can. */
static void ask_for_mouse(const struct screen *s, bool on)
{
	put_mode(s, on ? "\033[?1000;1006h" : "\033[?1000;1006l");
}

static void set_up_looks(struct screen *s, bool mono)
{
	bool colours = !mono && has_colors() && start_color() == OK;
	bool dim = termattrs() & A_DIM;	/* else it would only cost bytes */
	short pair = 1;
	unsigned r;

	if (colours)
		use_default_colors();
	for (r = 0; r < ROLE_COUNT; r++) {
		const struct role_look *look = theme_look((enum role)r);

		s->attributes[r] = (look->bold ? A_BOLD : 0) | (look->dim && dim ? A_DIM : 0) |
				   (look->reverse ? A_REVERSE : 0);
		if (colours && look->colour != NO_COLOUR && init_pair(pair, (short)look->colour, -1) == OK)
			s->pairs[r] = pair++;
	}
}

/* Ctrl-C, Ctrl-Z and Ctrl-V arrive as keys. Not raw(): a real terminal may need its
 * XON/XOFF. What is no terminal (a test) has no such settings. */
static void take_control_keys(FILE *in)
{
	struct termios t;

	if (tcgetattr(fileno(in), &t) < 0)
		return;
	t.c_lflag &= ~(tcflag_t)(ISIG | IEXTEN);
	tcsetattr(fileno(in), TCSADRAIN, &t);
	def_prog_mode();
}

static void know_key(struct screen *s, const char *capability, int code)
{
	const char *bytes = tigetstr(capability);

	input_know(&s->input, bytes == (char *)-1 ? NULL : bytes, code);
}

/* Not curses' keypad(): its keys are those of TERM alone. */
static void set_up_input(struct screen *s)
{
	cbreak();
	noecho();
	nonl();
	take_control_keys(s->in);
	for (size_t i = 0; i < COUNT(terminal_keys); i++)
		know_key(s, terminal_keys[i].capability, terminal_keys[i].code);
}

struct screen *screen_open(FILE *out, FILE *in, const struct screen_config *config, struct err *e)
{
	struct screen *s = calloc(1, sizeof(*s));

	if (!s) {
		err_fail(e, MSG_SCREEN_NO_MEMORY, "");
		return NULL;
	}
	setlocale(LC_CTYPE, "");
	s->out = out;
	s->in = in;
	s->ascii = config->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	s->curses = newterm(NULL, out, in);
	if (!s->curses) {
		err_fail(e, MSG_TERM_NOT_USABLE, "");
		screen_close(s);
		return NULL;
	}
	s->vt = !strncmp(termname(), "vt", 2);
	s->slow = baudrate() > 0 && baudrate() <= SLOW_BAUD;
	s->knows_modes = knows_modes();
	set_up_input(s);
	set_up_looks(s, config->mono);
	ask_for_paste_marks(s, true);
	idlok(stdscr, TRUE);
	curs_set(0);
	leaveok(stdscr, TRUE);
	return s;
}

void screen_suspend(struct screen *s)
{
	tcflow(fileno(s->out), TCOON);	/* after a Ctrl-S endwin() would wait for ever */
	if (s->mouse)
		ask_for_mouse(s, false);
	ask_for_paste_marks(s, false);
	endwin();
}

void screen_resume(struct screen *s)
{
	reset_prog_mode();
	ask_for_paste_marks(s, true);
	if (s->mouse)
		ask_for_mouse(s, true);
	screen_measure(s);
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	if (s->curses) {
		screen_suspend(s);
		delscreen(s->curses);
	}
	free(s);
}

struct area screen_area(const struct screen *s)
{
	(void)s;
	return (struct area){ 0, 0, LINES, COLS };
}

bool screen_slow(const struct screen *s)
{
	return s->slow;
}

void screen_measure(struct screen *s)
{
	struct winsize size;

	if (ioctl(fileno(s->out), TIOCGWINSZ, &size) == 0) {
		/* Serial consoles know no size. */
		if (size.ws_row == 0 || size.ws_col == 0)
			size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
		if (is_term_resized(size.ws_row, size.ws_col))
			resizeterm(size.ws_row, size.ws_col);
	}
	clearok(curscr, TRUE);
}

void screen_begin(struct screen *s)
{
	s->has_cursor = false;
	erase();
}

/* The screen row of ROW in A, or -1 when nothing of it can be seen. */
static int visible_row(const struct area *a, int row)
{
	if (row < 0 || row >= a->h || a->y + row >= LINES || a->x >= COLS)
		return -1;
	return a->y + row;
}

static int visible_width(const struct area *a)
{
	return a->x + a->w > COLS ? COLS - a->x : a->w;
}

/* Cells of TEXT in at most WIDTH columns. Returns the columns taken. */
static int to_cells(const struct screen *s, wchar_t *cells, const char *text, int width)
{
	struct letter l;
	int used = 0, n = 0;

	for (; (l = cells_letter(text)).size; text += l.size) {
		if (used + l.width > width || n + 4 >= LINE_CELLS)
			break;
		used += l.width;
		if (s->ascii && l.code > 0x7e) {
			while (l.width-- > 0)
				cells[n++] = L'?';
			continue;
		}
		cells[n++] = l.code;
	}
	cells[n] = L'\0';
	return used;
}

/* The same of a TEXT that is wider: in the last column the mark of it. */
static int cut_cells(const struct screen *s, wchar_t *cells, const char *text, int width)
{
	int used = to_cells(s, cells, text, width - 1);
	size_t n = wcslen(cells);

	for (; used < width; used++)	/* there was no room for half a letter */
		cells[n++] = used + 1 < width ? L' ' : L'~';
	cells[n] = L'\0';
	return used;
}

int screen_put(struct screen *s, const struct area *a, int row, int column, enum role role,
	       const char *text)
{
	wchar_t cells[LINE_CELLS];
	int y = visible_row(a, row), width = visible_width(a) - column, used;

	if (y < 0 || column < 0 || width <= 0)
		return column;
	used = text[cells_fit(text, width)] ? cut_cells(s, cells, text, width) : to_cells(s, cells, text, width);
	if (used) {
		attr_set(s->attributes[role], s->pairs[role], NULL);
		mvaddwstr(y, a->x + column, cells);
		attr_set(A_NORMAL, 0, NULL);
	}
	return column + used;
}

int screen_putf(struct screen *s, const struct area *a, int row, int column, enum role role,
		const char *format, ...)
{
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return screen_put(s, a, row, column, role, text);
}

int screen_put_right(struct screen *s, const struct area *a, int row, int min,
		     enum role role, const char *text)
{
	int column = a->w - cells_width(text);

	if (!*text || column < min)
		return a->w;
	screen_put(s, a, row, column, role, text);
	return column;
}

void screen_clear_row(struct screen *s, const struct area *a, int row, int column)
{
	int y = visible_row(a, row), width = visible_width(a) - column;

	(void)s;
	if (y >= 0 && width > 0)
		mvhline(y, a->x + column, ' ', width);
}

enum { UPPER_LEFT, UPPER_RIGHT, LOWER_RIGHT, LOWER_LEFT, HORIZONTAL, VERTICAL, LINE_KINDS };

/* Real VT terminals draw lines with a byte each, and know no UTF-8 whatever
 * the locale says; some programs that call themselves xterm can't do that in
 * UTF-8 mode, so they get the letters. */
static void make_lines(const struct screen *s, cchar_t line[LINE_KINDS])
{
	const chtype vt[LINE_KINDS] = {
		ACS_ULCORNER, ACS_URCORNER, ACS_LRCORNER, ACS_LLCORNER, ACS_HLINE, ACS_VLINE,
	};
	const cchar_t *utf8[LINE_KINDS] = {
		WACS_ULCORNER, WACS_URCORNER, WACS_LRCORNER, WACS_LLCORNER, WACS_HLINE, WACS_VLINE,
	};
	unsigned i;

	for (i = 0; i < LINE_KINDS; i++) {
		wchar_t letter[2] = { (wchar_t)(s->ascii ? (chtype)theme_ascii_frame[i] : vt[i] & A_CHARTEXT), 0 };

		if (s->ascii || s->vt)
			setcchar(&line[i], letter, s->ascii ? A_NORMAL : A_ALTCHARSET, 0, NULL);
		else
			line[i] = *utf8[i];
	}
}

static void draw_frame_lines(const struct screen *s, const struct area *a, enum frame frame)
{
	int bottom = a->y + a->h - 1, right = a->x + a->w - 1;
	cchar_t line[LINE_KINDS];

	make_lines(s, line);
	mvhline_set(a->y, a->x + 1, &line[HORIZONTAL], a->w - 2);
	if (frame == FRAME_PAGE || s->ascii || s->vt)
		mvhline_set(bottom, a->x + 1, &line[HORIZONTAL], a->w - 2);
	mvvline_set(a->y + 1, a->x, &line[VERTICAL], a->h - 2);
	mvvline_set(a->y + 1, right, &line[VERTICAL], a->h - 2);
	mvadd_wch(a->y, a->x, &line[UPPER_LEFT]);
	mvadd_wch(a->y, right, &line[UPPER_RIGHT]);
	mvadd_wch(bottom, right, &line[LOWER_RIGHT]);
	mvadd_wch(bottom, a->x, &line[LOWER_LEFT]);
}

struct area screen_frame(struct screen *s, const struct area *a, enum frame frame,
			 const char *title, const char *status)
{
	struct area upper = { a->y, a->x + 1, 1, a->w - 2 };
	struct area inside = { a->y + 1, a->x + 1, a->h - 2, a->w - 2 };
	char text[160];
	int column;

	if (a->h < 2 || a->w < 4)
		return (struct area){ a->y, a->x, 0, 0 };
	if (!s->slow)
		draw_frame_lines(s, a, frame);
	/* without a frame something else has to set it off */
	column = screen_put(s, &upper, 0, 0, frame != FRAME_PANE ? ROLE_FOCUS : s->slow ? ROLE_TITLE : ROLE_TEXT, title);
	snprintf(text, sizeof(text), " %s ", status);
	if (*status && screen_put_right(s, &upper, 0, column + 1, ROLE_TEXT, text) == upper.w &&
	    upper.w - column > STATUS_MIN)
		screen_put(s, &upper, 0, column + 1, ROLE_TEXT, text);
	return inside;
}

void screen_cursor(struct screen *s, const struct area *a, int row, int column)
{
	int y = visible_row(a, row);

	if (y < 0 || column < 0 || column >= visible_width(a))
		return;
	s->has_cursor = true;
	s->cursor_y = y;
	s->cursor_x = a->x + column;
}

void screen_mouse(struct screen *s, bool on)
{
	on &= s->knows_modes && !s->slow;
	if (on != s->mouse)
		ask_for_mouse(s, on);
	s->mouse = on;
}

void screen_end(struct screen *s)
{
	if (s->has_cursor != s->cursor_shown) {
		curs_set(s->has_cursor);
		leaveok(stdscr, !s->has_cursor);
		s->cursor_shown = s->has_cursor;
	}
	if (s->has_cursor)
		move(s->cursor_y, s->cursor_x);
	wnoutrefresh(stdscr);
	doupdate();
}

static bool input_within(struct screen *s, int ms)
{
	struct pollfd p = { fileno(s->in), POLLIN, 0 };

	return poll(&p, 1, ms) > 0 && (p.revents & POLLIN);
}

/* Read bytes for at most ROOM keys to KEYS; *COUNT grows by how many there are. Returns
 * how many of them a byte ended, -1 when there is nothing more to read. */
static int read_keys(struct screen *s, int64_t now_ms, struct key *keys, int room, int *count)
{
	unsigned char bytes[64];
	size_t most = (size_t)room / 2;		/* one byte may end two keys */
	ssize_t i, n = read(fileno(s->in), bytes, most < sizeof(bytes) ? most : sizeof(bytes));
	int found, came = 0, at = 0;

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
	for (i = 0; i < n; i++) {
		found = input_take(&s->input, bytes[i], now_ms, keys + at);
		at += found;
		came += found > 0;
	}
	explicit_bzero(bytes, sizeof(bytes));	/* a password may be among them */
	*count += at;
	return came;
}

static bool is_wanted(const struct screen *s, const struct key *key)
{
	return s->mouse || (key->code != K_CLICK && key->code != K_WHEEL_UP && key->code != K_WHEEL_DOWN);
}

int screen_keys(struct screen *s, int64_t now_ms, struct key *keys, int max)
{
	int i, wanted = 0, r = 0, came = 0, n = input_expire(&s->input, now_ms, keys);
	bool burst;

	/* what is no key makes no count: it is read in parts as well */
	for (i = 0; i < READS && max - n >= 2 && input_within(s, i ? PASTE_GAP_MS : 0); i++) {
		r = read_keys(s, now_ms, keys + n, max - n, &n);
		if (r < 0)
			break;
		came += r;
	}
	if (r < 0 && !n)
		return -1;
	burst = came > 1 || s->in_burst;
	s->in_burst = max - n < 2;
	for (i = 0; i < n; i++) {
		keys[i].pasted |= burst;
		if (is_wanted(s, &keys[i]))
			keys[wanted++] = keys[i];
	}
	return wanted;
}

int64_t screen_keys_due_ms(const struct screen *s)
{
	return input_due_ms(&s->input);
}
