#include "stage/redact/secret_names.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "stage/path_matcher.hpp"

namespace ship {
namespace {

using Where = SecretName::Where;
using InText = SecretName::Value;

constexpr SecretName tail(std::string_view name) {
  return {name, Where::tail, InText::any, InText::any, true};
}
constexpr SecretName whole(std::string_view name, InText in_text, InText in_field = InText::any) {
  return {name, Where::whole, in_text, in_field, false};
}
constexpr SecretName word(std::string_view name) {
  return {name, Where::word, InText::any, InText::any, false};
}

// Names that fapilog, gitleaks (generic-api-key, curl-auth-header), detect-secrets (keyword) and
// the platforms' own variables use. Names that usually mean something else (key, auth, next_token)
// are left out.
constexpr std::array kNames = {
    tail("password"),
    tail("passwd"),
    tail("passphrase"),
    tail("passcode"),
    tail("passwort"),
    SecretName{"pwd", Where::tail},
    tail("password_hash"),
    tail("password_digest"),
    tail("password_confirmation"),
    tail("secret"),
    tail("secret_key_base"),
    tail("api_key"),
    tail("access_key"),
    tail("access_key_id"),
    tail("secret_key"),
    tail("private_key"),
    tail("signing_key"),
    tail("encryption_key"),
    tail("master_key"),
    tail("account_key"),
    tail("shared_key"),
    tail("session_key"),
    tail("auth_key"),
    tail("access_token"),
    tail("refresh_token"),
    tail("id_token"),
    tail("auth_token"),
    tail("session_token"),
    tail("bearer_token"),
    tail("api_token"),
    tail("csrf_token"),
    tail("xsrf_token"),
    tail("security_token"),
    tail("private_token"),
    tail("bot_token"),
    tail("deploy_token"),
    tail("vault_token"),
    tail("github_token"),
    tail("gitlab_token"),
    tail("npm_token"),
    tail("slack_token"),
    tail("credential"),
    tail("connection_string"),
    tail("recovery_code"),
    tail("backup_code"),
    tail("mfa_code"),
    tail("otp_code"),
    tail("verification_code"),
    word("pass"),
    word("totp"),  // before otp, which it ends with
    word("otp"),
    whole("pass", InText::random),
    whole("otp", InText::any),
    whole("totp", InText::any),
    whole("token", InText::random),
    whole("jwt", InText::random),
    whole("bearer", InText::random),
    whole("session_id", InText::random),
    whole("session", InText::random, InText::random),
    whole("sid", InText::random, InText::random),
    whole("signature", InText::random, InText::random),
    SecretName{"authorization", Where::tail, InText::authorization},
    SecretName{"auth_header", Where::tail, InText::authorization},
    SecretName{"set_cookie", Where::whole, InText::header},
    SecretName{"cookie", Where::whole, InText::header},
    SecretName{"session_cookie", Where::tail, InText::header},
    SecretName{"auth_cookie", Where::tail, InText::header},
};

bool is_separator(char c) { return c == '_' || c == '-' || c == ' '; }

}  // namespace

std::span<const SecretName> secret_names() { return kNames; }

std::string secret_names_regex(Where where, InText value) {
  std::string regex;
  for (const SecretName& name : kNames) {
    if (name.where != where || name.in_text != value) continue;
    if (!regex.empty()) regex += '|';
    for (const char c : name.name) {
      if (c == '_')
        regex += "[_ -]?";
      else
        regex += c;
    }
    if (name.plural) regex += "s?";
  }
  return regex;
}

std::vector<SecretField> secret_fields() {
  std::vector<SecretField> fields;
  const auto add = [&](const SecretName& name, std::string_view ending) {
    SecretField field;
    if (name.where != Where::whole) field.path = "*";
    field.path.append(name.name).append(ending);
    field.last_word = name.where == Where::word;
    field.only_random = name.in_field == InText::random;
    fields.push_back(std::move(field));
  };
  for (const SecretName& name : kNames) {
    add(name, "");
    if (name.plural) add(name, "s");
  }
  std::stable_sort(fields.begin(), fields.end(), [](const SecretField& a, const SecretField& b) {
    return a.last_word < b.last_word;
  });
  return fields;
}

bool names_secret(std::string_view path) {
  static const Result<PathMatcher> kCompiled = [] {
    std::vector<std::string> paths;
    for (const SecretField& field : secret_fields()) paths.push_back(field.path);
    return PathMatcher::compile(paths);
  }();
  std::string name(
      path.substr(path.rfind('.') == std::string_view::npos ? 0 : path.rfind('.') + 1));
  std::erase_if(name, [](char c) { return c == '*' || c == '"'; });
  PathMatcher matcher = kCompiled.value();
  return matcher.enter(name, matcher.enter_root(), false).pattern.has_value();
}

bool is_last_word(std::string_view key, std::string_view name) {
  std::size_t at = key.size(), left = name.size();
  while (at > 0 && is_separator(key[at - 1])) --at;
  while (left > 0 && at > 0) {
    if (is_separator(name[left - 1])) {
      --left;
      continue;
    }
    if (is_separator(key[at - 1])) {
      --at;
      continue;
    }
    if (to_lower(key[at - 1]) != to_lower(name[left - 1])) return false;
    --at;
    --left;
  }
  if (left > 0) return false;
  if (at == 0) return true;
  return is_separator(key[at - 1]) || key[at - 1] == '.' ||
         (is_upper(key[at]) && !is_upper(key[at - 1]));
}

}  // namespace ship
