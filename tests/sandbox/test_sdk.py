"""The published Python SDK drives the stand-in unchanged."""
import json
import os
import subprocess
import sys

SCRIPT = '''
import json, sys
import lazop_sdk as lazop
url, key, secret, code = sys.argv[1:]

def run(gateway, path, method, token=None, **params):
    request = lazop.LazopRequest(path, method)
    for name, value in params.items():
        request.add_api_param(name, value)
    response = lazop.LazopClient(url + gateway, key, secret).execute(request, token)
    assert response.code == "0", response.body
    return response.body

token = run("/auth/rest", "/auth/token/create", "POST", code=code)["access_token"]
print(json.dumps([
    run("/sg/rest", "/seller/get", "GET", token)["data"]["seller_id"],
    run("/sg/rest", "/orders/get", "GET", token, created_after="2020-01-01T00:00:00+08:00",
        status="pending", limit=5, offset=0, sort_by="updated_at")["data"]["count"],
    run("/sg/rest", "/products/get", "GET", token, filter="all",
        sku_seller_list=json.dumps(["LZ-เสื้อ-01"], ensure_ascii=False))["data"]["total_products"],
]))
'''


def test_lazop_sdk(client, tmp_path):
    code = client.consent('cb-owner@example.com')
    done = subprocess.run(
        [sys.executable, '-c', SCRIPT, client.url, client.app_key, client.app_secret, code],
        env={**os.environ, 'HOME': str(tmp_path)}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [1000399001, 5, 1]
