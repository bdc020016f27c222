/* Change how the kernel treats it: without random addresses, with every readable page executable.
 *
 * area: kernel
 */
#include "prelude.h"
#include <sys/personality.h>

int main(void) {
    told("no random addresses", personality(ADDR_NO_RANDOMIZE));
    told("everything executable", personality(READ_IMPLIES_EXEC));
    told("another system's calls", personality(PER_SVR4));
    return 0;
}
