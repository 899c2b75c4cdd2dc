/*
 * libcurl.h - libcurl, loaded when a URL is used first
 *
 * To be included instead of curl/curl.h: what it declares is called by the same names,
 * with the same types, and found in the loaded library. Thread-safe.
 */
#ifndef DFOTA_LIBCURL_H
#define DFOTA_LIBCURL_H

#include <stdbool.h>

#include <curl/curl.h>

#include "base/err.h"
#include "base/library.h"

/* Before any call of curl_*, as often as one likes. ERR_CRASH: it is not there,
 * too old, or does not start. It stays until the program ends. */
int libcurl_load(struct err *e);

/* Is it there for curl_*? */
bool libcurl_loaded(void);

/* All that is used; curl_easy_setopt() and curl_easy_getinfo(), which curl/curl.h checks
 * by macros of their own, are functions of libcurl.c. */
#define curl_easy_cleanup FROM_LIBRARY(curl_easy_cleanup)
#define curl_easy_header FROM_LIBRARY(curl_easy_header)
#define curl_easy_init FROM_LIBRARY(curl_easy_init)
#define curl_easy_reset FROM_LIBRARY(curl_easy_reset)
#define curl_easy_strerror FROM_LIBRARY(curl_easy_strerror)
#define curl_easy_unescape FROM_LIBRARY(curl_easy_unescape)
#define curl_free FROM_LIBRARY(curl_free)
#define curl_global_init FROM_LIBRARY(curl_global_init)
#define curl_multi_add_handle FROM_LIBRARY(curl_multi_add_handle)
#define curl_multi_cleanup FROM_LIBRARY(curl_multi_cleanup)
#define curl_multi_info_read FROM_LIBRARY(curl_multi_info_read)
#define curl_multi_init FROM_LIBRARY(curl_multi_init)
#define curl_multi_perform FROM_LIBRARY(curl_multi_perform)
#define curl_multi_poll FROM_LIBRARY(curl_multi_poll)
#define curl_multi_remove_handle FROM_LIBRARY(curl_multi_remove_handle)
#define curl_slist_append FROM_LIBRARY(curl_slist_append)
#define curl_slist_free_all FROM_LIBRARY(curl_slist_free_all)
#define curl_url FROM_LIBRARY(curl_url)
#define curl_url_cleanup FROM_LIBRARY(curl_url_cleanup)
#define curl_url_dup FROM_LIBRARY(curl_url_dup)
#define curl_url_get FROM_LIBRARY(curl_url_get)
#define curl_url_set FROM_LIBRARY(curl_url_set)
#define curl_url_strerror FROM_LIBRARY(curl_url_strerror)
#define curl_version_info FROM_LIBRARY(curl_version_info)

#endif
