#include <string>
#include <vector>

#include "tests/unit/stage/redact/places.hpp"
#include "tests/unit/stage/redact/redaction.hpp"

using namespace ship;
using namespace ship::test;

namespace {

std::string line_of(const std::string& text) { return R"({"m":)" + as_json(text) + "}"; }

// Each text with its `{}` filled loses what was filled in, as a text and in JSON that is a string.
void check_gone(Redaction& redact, const std::vector<std::string>& texts,
                const std::string& secret) {
  for (std::string text : texts) {
    for (std::size_t at = text.find("{}"); at != std::string::npos; at = text.find("{}"))
      text.replace(at, 2, secret);
    INFO(text);
    CHECK(!shows(redact(line_of(text)), secret));
    CHECK(!shows(redact(line_of("[1] " + line_of(text))), secret));
    CHECK(!shows(redact(R"({"b":)" + as_json(line_of(text)) + "}"), secret));
  }
}

}  // namespace

TEST_CASE("redact text: values of programming languages", "[redact][text]") {
  Redaction redact(presets({"credentials"}));
  check_gone(redact,
             {"{'password': '{}', 'a': 1}",
              "{u'password': u'{}'}",
              "{'password': b'{}'}",
              R"({"password"=>"{}", :a=>1})",
              R"({:password=>"{}"})",
              R"({password: "{}"})",
              "Array ( [password] => {} [x] => 1 )",
              "['password' => '{}']",
              R"(array(1) { ["password"]=> string(10) "{}" })",
              "{Password:{} User:x}",
              R"(&main.Config{Password:"{}", User:"x"})",
              "map[password:{} user:x]",
              "User[password={}, name=x]",
              "User{password='{}', name='x'}",
              "User(name=x, password={})",
              R"(Config { password: Some("{}"), n: 1 })",
              "CREATE LOGIN x WITH PASSWORD = N'{}'",
              "password -> {}",
              R"("password":["{}","{}"] and)",
              R"("passwords": [ "{}", 'b' ] and)",
              R"("password":{"value":"{}"} and)",
              "password=({})"},
             "S3cretPw99");
}

TEST_CASE("redact text: quotes within a value do not end it", "[redact][text]") {
  Redaction redact(presets({"credentials"}));
  CHECK(redact(line_of(R"(password="S3cret\"Pw99" ok)")) == line_of(R"(password="***" ok)"));
  CHECK(redact(line_of("password='S3cret''Pw99' ok")) == line_of("password='***' ok"));
  CHECK(redact(line_of(R"(b={\"password\":\"S3\\\"x\",\"n\":1})")) ==
        line_of(R"(b={\"password\":\"***\",\"n\":1})"));
  CHECK(redact(line_of(R"("password":["a1","b2"],"n":[1])")) ==
        line_of(R"("password":***,"n":[1])"));
}

TEST_CASE("redact text: elements of XML, pairs of a name and a value", "[redact][text]") {
  Redaction redact(presets({"credentials"}));
  check_gone(
      redact,
      {"<password>{}</password>", "<Password>{}</Password>",
       R"(<wsse:Password Type="http://x.example/wss#PasswordText">{}</wsse:Password>)",
       R"(<add key="ApiKey" value="{}"/>)", R"(<property name="password" value="{}"/>)",
       R"(<user name="x" password="{}"/>)", "name=DB_PASSWORD value={}",
       "env: [{name: DB_PASSWORD, value: {}}]", R"(spec: {"name":"DB_PASSWORD","value":"{}"} ok)"},
      "S3cretPw99");
  for (const std::string text : {"<password></password>", "if password>0 then", "<password>",
                                 "password -> required", "the password value is 7"}) {
    CHECK(redact(line_of(text)) == line_of(text));
  }
}

TEST_CASE("redact text: connections and command lines", "[redact][text]") {
  Redaction redact(presets({"credentials"}));
  check_gone(redact,
             {"mongodb+srv://admin:{}@cluster0.mongodb.net/db",
              "root:{}@tcp(127.0.0.1:3306)/db",
              "mysql://root:{}@tcp(db:3306)/app",
              "Server=db;User Id=sa;Password={};Encrypt=true",
              "Server=db;Uid=sa;Pwd={};",
              "jdbc:sqlserver://db:1433;user=sa;password={}",
              "redis://:{}@cache:6379/0",
              "host=db user=app password={} dbname=x",
              "curl -u admin:{} https://x.example/",
              "curl -sS --user 'admin:{}' https://x.example/",
              "curl -H 'X-Api-Key: {}' https://x",
              "sshpass -p {} ssh x",
              "sshpass -p '{}' ssh x",
              "docker login -u me -p {} registry",
              "mysql -u root -p{} db",
              "PGPASSWORD={} psql",
              "export TOKEN={}",
              "java -Dspring.datasource.password={} -jar x",
              "machine github.com login x password {}",
              "//npm.example/:_authToken={}",
              "ALTER USER x IDENTIFIED BY '{}'",
              "CREATE USER x WITH PASSWORD '{}'",
              "SET PASSWORD FOR 'x'@'%' = PASSWORD('{}')"},
             "S3cretPw99");
  for (const std::string text :
       {"mysql -u root -p db", "docker run -p 8080:80 -u 1000:1000 x", "mkdir -p /srv/x",
        "curl -s -u x https://x.example", "wrong password 'required'", "login as password user"}) {
    CHECK(redact(line_of(text)) == line_of(text));
  }
}

TEST_CASE("redact text: the codes of a URL hide neither names nor addresses", "[redact][text]") {
  Redaction redact(presets({"credentials", "pii"}));
  check_gone(redact,
             {"redirect=https%3A%2F%2Fx.example%2F%3Ftoken%3D{}", "body=password%3D{}%26x%3D1"},
             "S3cretPw99");
  CHECK(redact(line_of("GET /?email=joe%40example.com&x=1")) == line_of("GET /?email=***&x=1"));
  CHECK(redact(line_of("rate 5%40 of")) == line_of("rate 5%40 of"));
}
