/* Stop itself, as Ctrl-Z does, and wait for somebody to go on.
 *
 * area: endings
 * wall: 1
 * ends: timeout
 * naive: it kills what it started itself, and here there is no more
 */
#include "prelude.h"

int main(void) {
    raise(SIGSTOP);
    return 0;
}
