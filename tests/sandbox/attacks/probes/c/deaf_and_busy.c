/* Ignore and block every signal, and calculate for ever.
 *
 * area: endings
 * wall: 1
 * ends: timeout
 * naive: it kills what it started itself, and here there is no more
 */
#include "prelude.h"

int main(void) {
    sigset_t all;
    sigfillset(&all);
    for (int number = 1; number < 65; number++) signal(number, SIG_IGN);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (volatile unsigned long turn = 0; turn < 60000000000UL; turn++) continue;
    return 0;
}
