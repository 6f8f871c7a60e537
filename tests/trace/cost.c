/*
 * What a request costs through a recorder: cost LIBRARY RECORDER REQUEST SYMBOL_PREFIX ROUNDS
 *
 * The recorder's real library is LIBRARY, so both ways end in the same server. Rounds of both alternate; a request is
 * the call and the release of its response buffer. Prints the median of each in nanoseconds.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BATCH = 1000, MOST = 10000 };

typedef uint64_t (*request_t)(const uint8_t *, size_t, const uint8_t **, size_t *);
typedef bool (*drop_t)(uint64_t);

static void *find(void *library, const char *prefix, const char *name)
{
    char symbol[256];
    void *found;
    snprintf(symbol, sizeof symbol, "%s%s", prefix, name);
    found = dlsym(library, symbol);
    if (found == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        exit(1);
    }
    return found;
}

static double batch(request_t request, drop_t drop, const uint8_t *data, size_t size)
{
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < BATCH; i++) {
        const uint8_t *reply;
        size_t length;
        uint64_t buffer = request(data, size, &reply, &length);
        if (buffer == 0 || !drop(buffer)) {
            exit(2);
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    return ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / BATCH;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **arguments)
{
    static double times[2][MOST];
    uint8_t data[256];
    size_t size;
    int rounds = count == 6 ? atoi(arguments[5]) : 0;
    if (rounds < 1 || rounds > MOST) {
        return 1;
    }
    size = strlen(arguments[3]) / 2;
    for (size_t i = 0; i < size; i++) {
        unsigned byte;
        sscanf(arguments[3] + 2 * i, "%2x", &byte);
        data[i] = (uint8_t)byte;
    }
    for (int way = 0; way < 2 * rounds + 2; way++) {
        void *library = dlopen(arguments[1 + way % 2], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL) {
            fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
        double took = batch((request_t)find(library, arguments[4], "request"), (drop_t)find(library, arguments[4], "drop_handle"), data, size);
        if (way >= 2) {
            times[way % 2][way / 2 - 1] = took;
        }
    }
    for (int way = 0; way < 2; way++) {
        qsort(times[way], (size_t)rounds, sizeof(double), ascending);
        printf("%.1f%s", times[way][rounds / 2], way ? "\n" : " ");
    }
    return 0;
}
