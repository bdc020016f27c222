/* Call itself for ever.
 *
 * area: endings
 * ends: signal 11
 * naive: it reports the signal
 */
#include "prelude.h"

static int deeper(int level) {
    volatile char frame[4096];
    frame[0] = (char)level;
    return deeper(level + 1) + frame[0];
}

int main(void) { return deeper(0); }
