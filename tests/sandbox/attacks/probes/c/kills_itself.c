/* End by SIGKILL, which the one who started it did not send.
 *
 * area: endings
 * ends: signal 9
 * naive: it reports the signal
 */
#include "prelude.h"

int main(void) {
    raise(SIGKILL);
    return 0;
}
