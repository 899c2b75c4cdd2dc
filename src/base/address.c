#include "config.h"

#include "base/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/count.h"

const char *address_of_port(const char *name)
{
	static const char *const kinds[] = { "tcp:", "telnet:", "rfc2217:" };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		size_t size = strlen(kinds[i]);

		if (strncmp(name, kinds[i], size) == 0)
			return name + size + (strncmp(name + size, "//", 2) == 0 ? 2 : 0);
	}
	return NULL;
}

bool address_holds_login(const char *name)
{
	const char *address = address_of_port(name);

	return address && strchr(address, '@');
}

static bool read_port(const char *text, char out[8])
{
	size_t digits = strspn(text, "0123456789");
	long number = digits > 0 && digits <= 5 && !text[digits] ? strtol(text, NULL, 10) : -1;

	if (number < 0 || number > 65535 || (text[0] == '0' && digits > 1))
		return false;
	snprintf(out, 8, "%ld", number);
	return true;
}

bool address_split(const char *text, struct address *out)
{
	const char *colon = strrchr(text, ':');
	size_t size = colon ? (size_t)(colon - text) : 0;

	if (size >= 2 && text[0] == '[' && text[size - 1] == ']') {
		text++;
		size -= 2;
		if (size == 0)
			return false;
	}
	if (size >= sizeof(out->host))
		return false;
	memcpy(out->host, text, size);
	out->host[size] = '\0';
	return read_port(colon ? colon + 1 : text, out->port);
}
