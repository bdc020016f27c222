/* Close all it has, output included, and stay.
 *
 * area: endings
 * wall: 1
 * ends: timeout
 * naive: it kills what it started itself, and here there is no more
 */
#include "prelude.h"

int main(void) {
    for (int number = 0; number < 1024; number++) close(number);
    for (;;) pause();
}
