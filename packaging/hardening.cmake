# What makes a mistake in memory harder to exploit, in every build that users run. Debug builds and those of the sanitizers
# find such mistakes, and are left as they are. tests/packaging/hardening.py reads it back from what is packed;
# packaging/portable/libraries has the same for the libraries that it builds.
if(SHIP_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL Debug)
  return()
endif()

include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_options(-fstack-protector-strong)
# Nothing writable says where calls go once the program runs; the stack holds no code.
add_link_options(LINKER:-z,relro,-z,now,-z,noexecstack)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL x86_64)
  # Shadow stacks need nothing of the C library's start files, which have no mark on Debian 12: we say it in their place.
  # Tracking of indirect branches stays without its mark, for its instructions are missing there.
  add_compile_options(-fcf-protection=full)
  add_link_options(LINKER:-z,shstk)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL aarch64)
  add_compile_options(-mbranch-protection=standard)
endif()
# Bounds of buffers, where the compiler knows them.
add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
