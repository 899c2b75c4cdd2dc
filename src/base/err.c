#include "config.h"

#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/count.h"
#include "base/words.h"

/* Exit status: design 3. A code that can only come up once a module was being
 * spoken to has the status of "module not ready". */
static const struct err_info infos[] = {
	[ERR_NONE] = { "none", 0,
		N_("Nothing to do.") },
	[ERR_PORT] = { "port", 20,
		N_("Check the port's name, cable and permissions; `dfota ports` lists what is there.") },
	[ERR_BUSY] = { "busy", 21,
		N_("Close the program that has the port, or finish the earlier upgrade with `dfota resume`; then try again.") },
	[ERR_PACKAGE] = { "package", 22,
		N_("Get the package and manifest made for this model and firmware version.") },
	[ERR_NETWORK] = { "network", 23,
		N_("Check address, login and network, or send the file over the serial port with --file.") },
	[ERR_MODULE] = { "module", 24,
		N_("Read the reason, cure it on the module, then try again; `dfota probe` checks without changing anything.") },
	[ERR_TIMEOUT] = { "timeout", 24,
		N_("Check power, cable, bit rate and that this is the AT port, then try again.") },
	[ERR_REFUSED] = { "refused", 24,
		N_("Look the code up with `dfota explain`, cure it, then try again.") },
	[ERR_GONE] = { "gone", 24,
		N_("Check power and cable, wait until the module is back, then try again.") },
	[ERR_CANCELLED] = { "cancelled", 130,
		N_("Start again when you are ready.") },
	[ERR_USAGE] = { "usage", 64,
		N_("See `dfota help`.") },
	[ERR_CRASH] = { "crash", 70,
		N_("This is a fault of dfota: report it with the record of the session.") },
	[ERR_OUTPUT] = { "output", 74,
		N_("Direct the output to where there is room and a reader that stays.") },
};
static_assert(COUNT(infos) == ERR_COUNT,
	      "every error code has a row");

const struct err_info *err_info(enum err_code code)
{
	/* A code from outside the enum is a fault of ours. */
	if ((unsigned)code >= ERR_COUNT)
		code = ERR_CRASH;
	return &infos[code];
}

static int finish(struct err *e, enum err_code code, int detail)
{
	e->code = code;
	e->detail = detail;
	return -1;
}

int err_fail(struct err *e, enum message_id id, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message_setv(&e->message, id, format, args);
	va_end(args);
	return finish(e, message_info(id)->code, 0);
}

int err_fail_sys(struct err *e, enum message_id id, int error_number, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message_setv(&e->message, id, format, args);
	va_end(args);
	message_set_errno(&e->message, error_number);
	return finish(e, message_info(id)->code, error_number);
}

int err_take(struct err *e, enum err_code code, const struct message *m)
{
	e->message = *m;
	return finish(e, code, 0);
}

int err_doing(struct err *e, enum message_id id, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message_doingv(&e->message, id, format, args);
	va_end(args);
	return finish(e, e->code, e->detail);
}
