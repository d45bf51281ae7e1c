// What the static parts of the compiler want of a newer glibc than 2.34, in terms of that one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <link.h>
#include <sys/random.h>

namespace {

/// Where the unwinder finds the frames of an address: the module's program headers know.
struct Search {
  ElfW(Addr) address;
  dl_find_object* found;
};

int look_into(dl_phdr_info* module, std::size_t, void* user) {
  const auto& search = *static_cast<Search*>(user);
  ElfW(Addr) begin = 0;
  ElfW(Addr) end = 0;
  ElfW(Addr) frames = 0;
  bool holds = false;
  for (int i = 0; i < module->dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = module->dlpi_phdr[i];
    const ElfW(Addr) start = module->dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_GNU_EH_FRAME) frames = start;
    if (header.p_type != PT_LOAD) continue;
    if (begin == 0) begin = start;
    end = start + header.p_memsz;
    holds = holds || (search.address >= start && search.address < end);
  }
  if (!holds || frames == 0) return 0;
  search.found->dlfo_flags = 0;
  search.found->dlfo_map_start = reinterpret_cast<void*>(begin);
  search.found->dlfo_map_end = reinterpret_cast<void*>(end);
  search.found->dlfo_link_map = nullptr;
  search.found->dlfo_eh_frame = reinterpret_cast<void*>(frames);
  return 1;
}

}  // namespace

extern "C" {

/// libgcc's unwinder asks for it since glibc 2.35, see "Dynamic Linker Introspection" of its
/// manual.
__attribute__((used)) int _dl_find_object(void* address, dl_find_object* found) noexcept {
  Search search{reinterpret_cast<ElfW(Addr)>(address), found};
  return dl_iterate_phdr(look_into, &search) == 1 ? 0 : -1;
}

/// std::random_device takes it since glibc 2.36.
__attribute__((used)) std::uint32_t arc4random() noexcept {
  std::uint32_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number) std::abort();
  return number;
}
}
