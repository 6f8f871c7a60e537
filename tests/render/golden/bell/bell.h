#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Starts the foundry. */
void bell_start(void (*on_news)(const uint8_t *data, size_t size));

/** Carries out a request; answers the handle of the reply, 0 when it was refused. */
uint64_t bell_ask(const uint8_t *data, size_t size, const uint8_t **reply, size_t *reply_size);

/** Drops a handle; answers whether there was one. */
bool bell_drop(uint64_t handle);

/** Closes the foundry. */
void bell_stop(void);
