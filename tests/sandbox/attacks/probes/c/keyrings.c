/* Use the kernel's keyrings, which every run of one user would share.
 *
 * area: kernel
 */
#include "prelude.h"

int main(void) {
    told("add_key", syscall(SYS_add_key, "user", "@MARK@", "x", 1, -2 /* KEY_SPEC_PROCESS_KEYRING */));
    told("request_key", syscall(SYS_request_key, "user", "@MARK@", NULL, 0));
    told("the user's keyring", syscall(SYS_keyctl, 0 /* KEYCTL_GET_KEYRING_ID */, -4 /* KEY_SPEC_USER_KEYRING */, 1));
    return 0;
}
