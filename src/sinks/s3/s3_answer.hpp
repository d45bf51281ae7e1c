#pragma once

#include <string>
#include <string_view>

#include "net/http_client.hpp"
#include "sinks/verdict.hpp"

namespace ship {

/// What S3's answer to a request means, and whether it is about who asked.
struct S3Answer {
  Verdict verdict;
  /// The credentials were refused: others may do.
  bool about_credentials = false;
  std::string code;      ///< "NoSuchBucket"; empty where the answer has none
  bool is_list = false;  ///< of a bucket's objects
};

/// By the error's code, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; by the
/// status where the answer has no code that we know: of a proxy, or of a server that only resembles
/// S3. `region` is the one that the request was for. Of a wrong one the reason says which is right,
/// where the answer tells.
S3Answer classify_s3_answer(const HttpResponse& response, std::string_view region);

}  // namespace ship
