variable "domain" {
  type = string
}

variable "names" {
  type = list(string)
}

variable "policy_id" {
  type = string
}

resource "aws_cloudfront_distribution" "this" {
  enabled = true
  aliases = var.names
  origin {
    origin_id   = "app"
    domain_name = var.domain
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }
  default_cache_behavior {
    target_origin_id         = "app"
    viewer_protocol_policy   = "https-only"
    allowed_methods          = ["GET", "HEAD"]
    cached_methods           = ["GET", "HEAD"]
    cache_policy_id          = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    origin_request_policy_id = var.policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" ? null : var.policy_id
  }
  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
  viewer_certificate {
    cloudfront_default_certificate = true
  }
}
