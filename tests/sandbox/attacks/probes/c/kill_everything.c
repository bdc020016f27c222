/* Send SIGKILL to every process it may send it to.
 *
 * It does so only where it is alone with its own: never where the canary can be seen.
 *
 * area: processes
 * ends: exit 0 | signal 9
 */
#include "prelude.h"

int main(void) {
    if (kill(canary(), 0) == 0 || errno != ESRCH || getpid() > 300) {
        dprintf(1, "BREACH could have killed every process of this user\n");
        return 0;
    }
    told("kill process 1", kill(1, SIGKILL) == 0 && kill(1, 0) < 0 ? 0 : -1);
    kill(-1, SIGKILL);
    return 0;
}
