#include "config.h"

#include "base/library.h"

#include <assert.h>
#include <dlfcn.h>
#include <stddef.h>

/* Open libraries are searched by the C library, which knows them all: nothing to keep here. */
static void *find(const char *name)
{
	return dlsym(RTLD_DEFAULT, name);
}

const char *library_load(const char *file, const char *newest)
{
	const char *why;

	/* never unloaded: a library may leave threads' data behind, as libcurl's TLS does */
	if (dlopen(file, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE) && library_has(newest))
		return NULL;
	why = dlerror();
	return why ? why : file;
}

bool library_has(const char *name)
{
	return find(name);
}

void *library_function(const char *name)
{
	void *call = find(name);

	assert(call);	/* library_load() came first, and each version that it takes has all of these */
	return call;
}
