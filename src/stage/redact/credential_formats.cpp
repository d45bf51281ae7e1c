#include "stage/redact/credential_formats.hpp"

namespace ship {
namespace {

constexpr std::string_view kGitleaks = "gitleaks, rules";
constexpr std::string_view kGitHub = "GitHub, token formats";
constexpr std::string_view kGitLab = "GitLab, token overview";
constexpr std::string_view kDetect = "detect-secrets, plugins";

// The prefixes that issuers document and secret scanners use.
// clang-format off
constexpr CredentialFormat kFormats[] = {
    {"jwt", R"(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4})", find_dotted_token, "eyJhbGciOi{w20}.eyJ{w30}.{w43}", "RFC 7519"},
    {"aws_key", R"((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})", find_token, "AKIA{u16}", "AWS, IAM identifiers"},
    {"aws_key", R"(\bA3T[A-Z0-9]{17})", find_token, "A3TX{u16}", kGitleaks},
    {"github_token", R"(gh[pousr]_[A-Za-z0-9]{36})", find_token, "ghp_{w36}", kGitHub},
    {"github_token", R"(github_pat_[A-Za-z0-9_]{22})", find_token, "github_pat_{w22}_{w59}", kGitHub},
    {"gitlab_token", R"(gl(?:pat|ptt|dt|rt|cbt|ft|soat|agent|imt|ffct|oas|wt)-[A-Za-z0-9_-]{20})", find_token, "glpat-{w20}", kGitLab},
    {"gitlab_token", R"(GR1348941[A-Za-z0-9_-]{20})", find_token, "GR1348941{w20}", kGitLab},
    {"slack_token", R"(xox[abeoprs]-[A-Za-z0-9-]{10})", find_token, "xoxb-{d12}-{d12}-{w24}", "Slack, token types"},
    {"slack_token", R"(xapp-[0-9]-[A-Za-z0-9-]{10})", find_token, "xapp-1-{u10}-{d12}-{h64}", "Slack, token types"},
    {"slack_webhook", R"(hooks\.slack\.com/(?:services|workflows)/T[A-Za-z0-9]+/[AB][A-Za-z0-9]+/[A-Za-z0-9]{8})", find_token, "hooks.slack.com/services/T{u8}/B{u8}/{w24}", "Slack, incoming webhooks"},
    {"stripe_key", R"((?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10})", find_token, "sk_live_{w24}", "Stripe, API keys"},
    {"stripe_key", R"(whsec_[A-Za-z0-9]{20})", find_token, "whsec_{w32}", "Stripe, webhooks"},
    {"google_key", R"(AIza[A-Za-z0-9_-]{35})", find_token, "AIza{w35}", kGitleaks},
    {"google_key", R"(GOCSPX-[A-Za-z0-9_-]{20})", find_token, "GOCSPX-{w28}", "Google, OAuth clients"},
    {"google_key", R"(ya29\.[A-Za-z0-9_-]{20})", find_dotted_token, "ya29.{w60}", "Google, OAuth tokens"},
    {"azure_key", R"(AccountKey=[A-Za-z0-9+/])", find_assigned, "AccountKey={w86}==", kDetect},
    {"azure_key", R"([?&]sig=[A-Za-z0-9%+/=]{20})", find_query_value, "https://a.blob.core.windows.net/c?sv=2022&sig={w43}%3D", "Azure, shared access signatures"},
    {"azure_key", R"([A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{31})", find_dotted_token, "{w3}8Q~{w34}", kGitleaks},
    {"npm_token", R"(npm_[A-Za-z0-9]{36})", find_token, "npm_{w36}", kGitleaks},
    {"pypi_token", R"(pypi-AgE[A-Za-z0-9_-]{20})", find_token, "pypi-AgEIcHlwaS5vcmc{w60}", "PyPI, API tokens"},
    {"sendgrid_key", R"(SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16})", find_dotted_token, "SG.{w22}.{w43}", kDetect},
    {"openai_key", R"(\bsk-[A-Za-z0-9_-]{20})", find_random_token, "sk-proj-{w48}", kDetect},
    {"anthropic_key", R"(\bsk-ant-[A-Za-z0-9_-]{20})", find_random_token, "sk-ant-api03-{w93}AA", kGitleaks},
    {"huggingface_token", R"(\b(?:hf|api_org)_[A-Za-z0-9]{34})", find_token, "hf_{w34}", kGitleaks},
    {"vault_token", R"(\bhv[sbr]\.[A-Za-z0-9_-]{24})", find_dotted_token, "hvs.{w90}", "HashiCorp, Vault tokens"},
    {"terraform_token", R"(\.atlasv1\.[A-Za-z0-9_=-]{20})", find_dotted_token, "{w14}.atlasv1.{w64}", kGitleaks},
    {"digitalocean_token", R"(do[opr]_v1_[a-f0-9]{64})", find_token, "dop_v1_{h64}", kGitleaks},
    {"shopify_token", R"(shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32})", find_token, "shpat_{h32}", kGitleaks},
    {"onepassword_key", R"(\bA3-[A-Z0-9]{6}-[A-Z0-9]{6}[A-Z0-9-]{16})", find_token, "A3-{u6}-{u6}-{u5}-{u5}-{u5}-{u5}", kGitleaks},
    {"onepassword_key", R"(\bops_eyJ[A-Za-z0-9+/]{60})", find_base64_token, "ops_eyJ{w250}", kGitleaks},
    {"adobe_key", R"(\bp8e-[A-Za-z0-9]{32})", find_token, "p8e-{l32}", kGitleaks},
    {"age_key", R"(AGE-SECRET-KEY-1[A-Z0-9]{58})", find_token, "AGE-SECRET-KEY-1{u58}", "age, format"},
    {"alibaba_key", R"(\bLTAI[A-Za-z0-9]{12,20})", find_random_token, "LTAI{w20}", kGitleaks},
    {"artifactory_key", R"(\bAKC[a-zA-Z0-9]{60})", find_token, "AKCp{w69}", kDetect},
    {"artifactory_key", R"(\bcmVmd[A-Za-z0-9]{59})", find_token, "cmVmd{w59}", kGitleaks},
    {"atlassian_token", R"(\bAT[AC]TT3[A-Za-z0-9_=-]{40})", find_base64_token, "ATATT3{w186}", kGitleaks},
    {"atlassian_token", R"(\bATBB[A-Za-z0-9]{24})", find_random_token, "ATBB{w32}", "Bitbucket, app passwords"},
    {"cloudflare_key", R"(\bv1\.0-[a-f0-9]{24}-[a-f0-9]{60})", find_dotted_token, "v1.0-{h24}-{h146}", kGitleaks},
    {"databricks_token", R"(\bdapi[a-f0-9]{32})", find_token, "dapi{h32}", kGitleaks},
    {"discord_token", R"(\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27})", find_dotted_token, "MT{w22}.{w6}.{w27}", kDetect},
    {"docker_token", R"(dckr_(?:pat|oat)_[A-Za-z0-9_-]{20})", find_token, "dckr_pat_{w27}", "Docker, access tokens"},
    {"doppler_token", R"(\bdp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9._-]{40})", find_dotted_token, "dp.pt.{w43}", kGitleaks},
    {"dropbox_token", R"(\bsl\.[A-Za-z0-9_=-]{100})", find_dotted_token, "sl.{w135}", kGitleaks},
    {"duffel_token", R"(duffel_(?:test|live)_[A-Za-z0-9_=-]{40})", find_token, "duffel_live_{w43}", kGitleaks},
    {"dynatrace_token", R"(dt0[a-z][0-9]{2}\.[A-Z0-9a-z]{24}\.[A-Z0-9a-z]{60})", find_dotted_token, "dt0c01.{u24}.{u64}", kGitleaks},
    {"easypost_key", R"(\bEZ[AT]K[A-Za-z0-9]{54})", find_token, "EZAK{l54}", kGitleaks},
    {"facebook_token", R"(\bEAA[MC][A-Za-z0-9]{100})", find_token, "EAAC{w120}", kGitleaks},
    {"figma_token", R"(\bfigd_[A-Za-z0-9_-]{36})", find_token, "figd_{w40}", "Figma, access tokens"},
    {"flutterwave_key", R"(FLWSECK(?:_TEST)?-[A-Za-z0-9]{12})", find_token, "FLWSECK_TEST-{h32}-X", kGitleaks},
    {"fly_token", R"(\b(?:fo1_[A-Za-z0-9_-]{43}|fm[12][ar]?_[A-Za-z0-9+/]{60}))", find_base64_token, "fo1_{w43}", kGitleaks},
    {"frameio_token", R"(fio-u-[A-Za-z0-9_=-]{60})", find_token, "fio-u-{w64}", kGitleaks},
    {"grafana_token", R"(\bgl(?:c|sa)_[A-Za-z0-9+/_]{32})", find_base64_token, "glsa_{w32}_{h8}", kGitleaks},
    {"groq_key", R"(\bgsk_[A-Za-z0-9]{40})", find_token, "gsk_{w52}", "Groq, API keys"},
    {"heroku_key", R"(\bHRKU-[A-Za-z0-9_-]{36})", find_token, "HRKU-AA{w58}", kGitleaks},
    {"linear_key", R"(\blin_(?:api|oauth)_[A-Za-z0-9]{40})", find_token, "lin_api_{l40}", kGitleaks},
    {"mailchimp_key", R"(\b[0-9a-f]{32}-us[0-9]{1,2}\b)", find_token, "{h32}-us12", kDetect},
    {"mailgun_key", R"(\b(?:pubkey|key)-[a-f0-9]{32})", find_token, "key-{h32}", kGitleaks},
    {"newrelic_key", R"(\bNRAK-[A-Za-z0-9]{27})", find_token, "NRAK-{u27}", kGitleaks},
    {"newrelic_key", R"(\bNRII-[A-Za-z0-9-]{32})", find_token, "NRII-{w32}", kGitleaks},
    {"notion_token", R"(\bntn_[A-Za-z0-9]{40})", find_token, "ntn_{d11}{w35}", kGitleaks},
    {"nuget_key", R"(\boy2[a-z0-9]{43}\b)", find_token, "oy2{l43}", kGitleaks},
    {"nvidia_key", R"(\bnvapi-[A-Za-z0-9_-]{60})", find_token, "nvapi-{w64}", "NVIDIA, API keys"},
    {"openshift_token", R"(\bsha256~[A-Za-z0-9_-]{43})", find_base64_token, "sha256~{w43}", kGitleaks},
    {"perplexity_key", R"(\bpplx-[A-Za-z0-9]{48})", find_token, "pplx-{w48}", kGitleaks},
    {"planetscale_token", R"(\bpscale_(?:tkn|pw|oauth)_[A-Za-z0-9_=.-]{32})", find_dotted_token, "pscale_pw_{w43}", kGitleaks},
    {"postman_key", R"(\bPMAK-[a-f0-9]{24}-[a-f0-9]{34})", find_token, "PMAK-{h24}-{h34}", kGitleaks},
    {"prefect_key", R"(\bpn[ub]_[a-z0-9]{36})", find_token, "pnu_{l36}", kGitleaks},
    {"pulumi_token", R"(\bpul-[a-f0-9]{40})", find_token, "pul-{h40}", kGitleaks},
    {"readme_key", R"(\brdme_[a-z0-9]{70})", find_token, "rdme_{l70}", kGitleaks},
    {"replicate_token", R"(\br8_[A-Za-z0-9]{37})", find_token, "r8_{w37}", "Replicate, API tokens"},
    {"rubygems_key", R"(\brubygems_[a-f0-9]{48})", find_token, "rubygems_{h48}", kGitleaks},
    {"sendinblue_key", R"(\bxkeysib-[a-f0-9]{64})", find_token, "xkeysib-{h64}-{w16}", kGitleaks},
    {"sentry_token", R"(\bsntry[su]_[A-Za-z0-9+/=_-]{64})", find_base64_token, "sntryu_{h64}", kGitleaks},
    {"shippo_token", R"(\bshippo_(?:live|test)_[a-fA-F0-9]{40})", find_token, "shippo_live_{h40}", kGitleaks},
    {"sonar_token", R"(\bsq[upa]_[a-f0-9]{40})", find_token, "squ_{h40}", "SonarQube, tokens"},
    {"square_token", R"(\bsq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22})", find_token, "sq0csp-{w43}", kDetect},
    {"square_token", R"(\bEAAA[A-Za-z0-9_-]{60})", find_token, "EAAA{w60}", kGitleaks},
    {"supabase_token", R"(\bsbp_[a-f0-9]{40})", find_token, "sbp_{h40}", "Supabase, access tokens"},
    {"telegram_token", R"([0-9]:A[A-Za-z0-9_-]{34})", find_telegram_token, "{d9}:AA{w33}", kDetect},
    {"twilio_key", R"(\bSK[a-f0-9]{32}\b)", find_token, "SK{h32}", kDetect},
    {"typeform_token", R"(\btfp_[A-Za-z0-9_.=-]{40})", find_dotted_token, "tfp_{w59}", kGitleaks},
    {"xai_key", R"(\bxai-[A-Za-z0-9]{60})", find_token, "xai-{w80}", "xAI, API keys"},
    {"yandex_key", R"(\bAQVN[A-Za-z0-9_-]{35})", find_token, "AQVN{w36}", kGitleaks},
    {"private_key", R"(-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY)", find_private_key, "-----BEGIN RSA PRIVATE KEY-----\nMII{w61}\n{w64}\n-----END RSA PRIVATE KEY-----", "RFC 7468"},
    {"private_key", R"(PuTTY-User-Key-File-[0-9]: )", find_putty_key, "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n{w44}\nPrivate-MAC: {h64}", "PuTTY, key files"},
    {"url_userinfo", R"(://[^\s/?#"'<>\\]+@)", find_url_userinfo, "postgres://app:{w16}@db.internal/orders", "RFC 3986, 3.2.1"},
    {"url_userinfo", R"([^\s/@"']@(?:tcp|unix)\()", find_dsn_password, "app:{w16}@tcp(db.internal:3306)/orders", "Go, database/sql drivers"},
};
// clang-format on

}  // namespace

std::span<const CredentialFormat> credential_formats() { return kFormats; }

}  // namespace ship
