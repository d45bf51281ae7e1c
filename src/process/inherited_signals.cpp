#include "process/inherited_signals.hpp"

namespace ship {

InheritedSignals InheritedSignals::capture() {
  InheritedSignals inherited;
  ::sigprocmask(SIG_SETMASK, nullptr, &inherited.mask_);
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction& action = inherited.actions_[static_cast<std::size_t>(number)];
    // Only "ignored" survives an exec; a handler that a runtime has installed by now was not
    // inherited.
    if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler != SIG_IGN) {
      action = {};
      action.sa_handler = SIG_DFL;
    }
  }
  return inherited;
}

void InheritedSignals::restore() const {
  for (int number = 1; number < NSIG; ++number) {
    // Fails for SIGKILL, SIGSTOP and those that the C library reserves, which does no harm.
    ::sigaction(number, &actions_[static_cast<std::size_t>(number)], nullptr);
  }
  ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
}

}  // namespace ship
