#include <stdint.h>

typedef struct counter counter;

/** Makes a counter.
 *
 * @param start  the first number
 * @return the counter; null when start is negative
 */
counter *counter_create(int32_t start);

/** Destroys a counter. */
void counter_destroy(counter *counter);

/** Counts.
 *
 * @return the next number
 */
int32_t counter_next(counter *counter);
