/* Hang while it ends: a destructor that never returns.
 *
 * area: endings
 * wall: 1
 * ends: timeout
 * naive: it kills what it started itself, and here there is no more
 */
#include "prelude.h"

struct Last {
    ~Last() {
        signal(SIGTERM, SIG_IGN);
        for (;;) pause();
    }
} last;

int main() { return 0; }
