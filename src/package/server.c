#include "config.h"

#include "package/server.h"

#include <stdio.h>

#include <curl/curl.h>

int server_global_init(struct err *e)
{
	CURLcode rc = curl_global_init(CURL_GLOBAL_DEFAULT);

	if (rc != CURLE_OK)
		return err_fail(e, MSG_LIBRARY_START, "library=%s", curl_easy_strerror(rc));
	return 0;
}

void server_global_cleanup(void)
{
	curl_global_cleanup();
}

const struct server_calls *server_real(void)
{
	static const struct server_calls calls = {
		server_probe, server_download, server_publish,
	};

	return &calls;
}

void server_library(char *out, size_t size)
{
	const curl_version_info_data *built = curl_version_info(CURLVERSION_NOW);

	snprintf(out, size, "libcurl/%s %s", built->version, built->ssl_version ? built->ssl_version : "");
}
