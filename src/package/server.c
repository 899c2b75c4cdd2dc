#include "config.h"

#include "package/server.h"

#include <stdio.h>

#include "package/libcurl.h"

const struct server_calls *server_real(void)
{
	static const struct server_calls calls = {
		server_probe, server_download, server_publish,
	};

	return &calls;
}

int server_load(struct err *e)
{
	return libcurl_load(e);
}

void server_library(char *out, size_t size)
{
	const curl_version_info_data *loaded = libcurl_loaded() ? curl_version_info(CURLVERSION_NOW) : NULL;

	if (loaded)
		snprintf(out, size, "libcurl/%s %s", loaded->version, loaded->ssl_version ? loaded->ssl_version : "");
	else
		snprintf(out, size, "libcurl/%s when built", LIBCURL_VERSION);
}
