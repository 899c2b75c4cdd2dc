/*
 * count.h - how many elements an array has.
 */
#ifndef DFOTA_COUNT_H
#define DFOTA_COUNT_H

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#endif
