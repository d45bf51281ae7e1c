#include "stats/admin/page.hpp"

#include <array>
#include <openssl/evp.h>
#include <string_view>

#include "stats/admin/page/parts.hpp"

namespace ship {
namespace {

std::string source_hash(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::array<unsigned char, 2 * EVP_MAX_MD_SIZE> base64{};
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(size));
  return "'sha256-" +
         std::string(reinterpret_cast<const char*>(base64.data()),
                     static_cast<std::size_t>(length)) +
         "'";
}

void put(std::string& html, std::string_view mark, std::string_view text) {
  const std::size_t at = html.find(mark);
  if (at != std::string::npos) html.replace(at, mark.size(), text);
}

Page assemble() {
  Page page;
  page.html = kPageHtml;
  put(page.html, "{{style}}", kPageStyle);
  put(page.html, "{{script}}", kPageScript);
  page.content_security_policy =
      "default-src 'none'; script-src " + source_hash(kPageScript) + "; style-src " +
      source_hash(kPageStyle) +
      "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'";
  return page;
}

}  // namespace

const Page& live_page() {
  static const Page page = assemble();
  return page;
}

}  // namespace ship
