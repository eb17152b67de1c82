"""Error answers: `{"code", "type", "message", "request_id"[, "detail"]}`."""


class ApiError(Exception):
    """Becomes an error envelope. `type` is ISV (gateway), ISP (business) or SYSTEM."""

    def __init__(self, code, message, type='ISP', detail=None):
        super().__init__(f'{code}: {message}')
        self.code, self.message, self.type, self.detail = code, message, type, detail

    def body(self):
        body = {'code': self.code, 'type': self.type, 'message': self.message}
        return body if self.detail is None else {**body, 'detail': self.detail}


class GatewayError(ApiError):
    """A refusal before the endpoint was reached."""

    MESSAGES = {
        'IllegalAccessToken': 'The specified access token is invalid or expired',
        'IllegalRefreshToken': 'The specified refresh token is invalid or expired',
        'AUTH_TYPE_UNSUPPORTED': 'The authorization type does not support refresh',
        'InvalidCode': 'Invalid authorization code',
        'IncompleteSignature': 'The request signature does not conform to lazop standards',
        'InvalidTimestamp': 'The specified timestamp is invalid or more than 7200 seconds off',
        'InvalidApiPath': 'The specified API path is invalid',
        'UnsupportedHTTPMethod': 'The HTTP method is not supported by this API',
        'InvalidAppKey': 'The specified app key is invalid',
        'SellerNotActive': 'The seller is not active',
    }

    def __init__(self, code, message=None):
        super().__init__(code, message or self.MESSAGES[code], 'ISV')


def missing(name):
    return GatewayError(
        'MissingParameter', f'The input parameter "{name}" that is mandatory for processing this '
        'request is not supplied')


def call_limit(code, seconds=1):
    return GatewayError(
        code, f'Api access frequency exceeds the limit. this ban will last {seconds} seconds')
