/*
 * limits.h - the sizes of the texts that plain values hold, each with its NUL.
 */
#ifndef DFOTA_LIMITS_H
#define DFOTA_LIMITS_H

#define VERSION_SIZE 64		/* firmware version strings, NUL included */
#define MODEL_SIZE 24
#define IMEI_SIZE 24
#define URL_SIZE 512		/* room to refuse; a module takes 255 */
#define LOGIN_SIZE 64		/* user, password; a module takes 50 */
#define FILE_SIZE 512		/* a path */
#define TEXT_SIZE 768		/* a line, a sentence */
#define MODULES_MAX 64		/* upgraded beside each other by one program */
#define PORTS_MAX (8 * MODULES_MAX)	/* ttys of a computer; a UG96 has seven (protocol.md 9) */
#define RAW_SIZE 256		/* exact bytes of a line, for the hex view */

#endif
