/*
 * Linked, libcurl brings 24 of the program's 31 libraries and takes 5.7 of the
 * 7.6 ms of each start and 8 of 12 MB, used or not: hence dlopen().
 */
#include "config.h"

#include "package/libcurl.h"

#include <stdarg.h>

#include "base/library.h"

/* These macros check what is given for which option, and then call the functions below. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

#define VERSION_LEAST 0x075700		/* as configure.ac says */

bool libcurl_loaded(void)
{
	return library_has("curl_version_info");
}

int libcurl_load(struct err *e)
{
	const char *why = library_load(LIBCURL_FILE, "curl_version_info");
	CURLcode rc;

	if (why)
		return err_fail(e, MSG_LIBRARY_LOAD, "library=%s", why);
	if (curl_version_info(CURLVERSION_NOW)->version_num < VERSION_LEAST)
		return err_fail(e, MSG_LIBRARY_OLD, "version=%s", curl_version_info(CURLVERSION_NOW)->version);
	rc = curl_global_init(CURL_GLOBAL_DEFAULT);	/* from 7.84 on in any thread, any number of times */
	if (rc != CURLE_OK)
		return err_fail(e, MSG_LIBRARY_START, "library=%s", curl_easy_strerror(rc));
	return 0;
}

/* The number of an option says of which type its value is. */
CURLcode curl_easy_setopt(CURL *curl, CURLoption option, ...)
{
	CURLcode rc;
	va_list ap;

	va_start(ap, option);
	if ((int)option < CURLOPTTYPE_OBJECTPOINT)
		rc = FROM_LIBRARY(curl_easy_setopt)(curl, option, va_arg(ap, long));
	else if ((int)option >= CURLOPTTYPE_OFF_T && (int)option < CURLOPTTYPE_BLOB)
		rc = FROM_LIBRARY(curl_easy_setopt)(curl, option, va_arg(ap, curl_off_t));
	else
		rc = FROM_LIBRARY(curl_easy_setopt)(curl, option, va_arg(ap, void *));
	va_end(ap);
	return rc;
}

CURLcode curl_easy_getinfo(CURL *curl, CURLINFO info, ...)
{
	CURLcode rc;
	va_list ap;

	va_start(ap, info);
	rc = FROM_LIBRARY(curl_easy_getinfo)(curl, info, va_arg(ap, void *));
	va_end(ap);
	return rc;
}
