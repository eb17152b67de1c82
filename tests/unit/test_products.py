import json
from datetime import datetime
from xml.etree import ElementTree

import pytest

from lazada_connector.lazada_api import errors, products
from lazada_connector.lazada_api.transport import MAX_API_BODY

from .payloads import load
from .platform import error, ok, reset

DAY = 86400


def catalogue(count, created=lambda number: number):
    """Answers like `/products/get`; product n was created `created(n)` seconds after 2020."""
    start = datetime(2020, 1, 1).timestamp()

    def answer(request):
        params = request.params
        offset, limit = int(params['offset']), int(params['limit'])
        if offset > 10000:
            return error('14', 'offset')
        after, before = (
            datetime.strptime(params[name], '%Y-%m-%dT%H:%M:%S%z').timestamp()
            if name in params else None for name in ('create_after', 'create_before'))
        moments = ((number, start + created(number)) for number in range(count))
        found = [number for number, moment in moments if (after is None or moment >= after)
                 and (before is None or moment <= before)]
        return ok(data={'total_products': len(found), 'products': [
            {'item_id': number} for number in found[offset:offset + limit]]})
    return answer


def read(client, **options):
    return [product['item_id'] for page in client.products.pages(**options)
            for product in page.products]


def test_captured_products(platform_of, client_of):
    platform = platform_of(load('products.get.vn-2023-options1'))
    pages = list(client_of(platform, site='vn').products.pages(
        filter='live', update_after=datetime(2023, 1, 1)))
    assert [(len(page.products), page.total) for page in pages] == [(1, 1)]
    sent = platform.requests[0].query
    assert (sent['filter'], sent['limit'], sent['offset'], sent['update_after']) == (
        'live', '50', '0', '2023-01-01T07:00:00+0700')
    assert len(platform.requests) == 1


@pytest.mark.parametrize('body', [load('products.get.empty'), ok(data={'total_products': 0}),
                                  ok(data={})])
def test_an_empty_catalogue(platform_of, client_of, body):
    assert read(client_of(platform_of(body))) == []


def test_a_catalogue_costs_one_call_per_fifty(platform_of, client_of):
    platform = platform_of(catalogue(1000))
    assert read(client_of(platform)) == list(range(1000))
    assert len(platform.requests) == 20


def test_a_catalogue_without_total_ends_with_an_empty_page(platform_of, client_of):
    def without_total(request):
        body = catalogue(120)(request)
        del body['data']['total_products']
        return body

    assert read(client_of(platform_of(without_total))) == list(range(120))


def test_a_big_catalogue_is_read_in_windows(platform_of, client_of, monkeypatch):
    """Beyond the offset cap; the clock of the test says November 2024."""
    monkeypatch.setattr(products, 'MAX_OFFSET', 100)
    platform = platform_of(catalogue(500, created=lambda number: number * DAY))
    found = read(client_of(platform))
    assert set(found) == set(range(500))
    assert len(found) <= 510
    assert all(int(request.query['offset']) <= 100 for request in platform.requests)


def test_too_many_products_of_one_second_are_refused(platform_of, client_of, monkeypatch):
    monkeypatch.setattr(products, 'MAX_OFFSET', 100)
    with pytest.raises(errors.LazadaPagingError):
        read(client_of(platform_of(catalogue(151, created=lambda _number: 5))))


def test_every_offset_is_used_before_windows_are_needed(platform_of, client_of):
    platform = platform_of(catalogue(10_020, created=lambda _number: 5))
    assert read(client_of(platform)) == list(range(10_020))
    assert len(platform.requests) == 201


def test_a_read_goes_on_where_another_one_stopped(platform_of, client_of, monkeypatch):
    monkeypatch.setattr(products, 'MAX_OFFSET', 100)
    platform = platform_of(catalogue(500, created=lambda number: number * DAY))
    found, position = [], {}
    while position is not None:
        page = next(client_of(platform).products.pages(position=position), None)
        found += [product['item_id'] for product in page.products] if page else []
        position = json.loads(json.dumps(page.position)) if page else None
    assert set(found) == set(range(500))


def test_products_that_moved_while_they_were_read_are_not_missed(platform_of, client_of):
    order = list(range(120))

    def answer(request):
        offset, limit = int(request.query['offset']), int(request.query['limit'])
        page = order[offset:offset + limit]
        if len(platform.requests) == 1:
            order.append(order.pop(0))      # the first one was changed and is the last one now
        return ok(data={'total_products': 120, 'products': [{'item_id': each} for each in page]})

    platform = platform_of(answer)
    assert set(read(client_of(platform))) == set(range(120))
    assert len(platform.requests) == 6


def test_repeating_pages_are_refused(platform_of, client_of):
    body = ok(data={'total_products': 500, 'products': [{'item_id': n} for n in range(50)]})
    with pytest.raises(errors.LazadaPagingError, match='repeat'):
        read(client_of(platform_of(body)))


@pytest.mark.parametrize('heavy', [error('ServiceTimeout'), b' ' * (MAX_API_BODY + 1)])
def test_pages_shrink_when_they_are_too_heavy(platform_of, client_of, heavy):
    def answer(request):
        return heavy if int(request.query['limit']) > 12 else catalogue(30)(request)

    platform = platform_of(answer)
    assert read(client_of(platform)) == list(range(30))
    assert [request.query['limit'] for request in platform.requests][-3:] == ['12'] * 3
    with pytest.raises(errors.LazadaError):
        read(client_of(platform_of(heavy)))


def test_one_product(platform_of, client_of):
    body = load('product.item.get.sg-two-skus')
    assert client_of(platform_of(body)).products.get('1884392091') == body['data']


# --- stock ---

def sent_skus(request):
    """[(item id, sku id, quantity)] of a stock call."""
    root = ElementTree.fromstring(request.params['payload'])
    return [tuple(sku.findtext(name) for name in ('ItemId', 'SkuId', 'SellableQuantity'))
            for sku in root.iter('Sku')]


def stock(count):
    return [(1000 + number, f'sku{number}', number) for number in range(count)]


def test_stock_goes_out_in_twenties(platform_of, client_of):
    platform = platform_of(load('product.stock.sellable.update.success'))
    answer = client_of(platform).products.update_sellable(stock(45))
    assert [len(sent_skus(request)) for request in platform.requests] == [20, 20, 5]
    assert sent_skus(platform.requests[0])[3] == ('1003', 'sku3', '3')
    assert platform.requests[0].method == 'POST'
    assert len(answer.rows) == 45 and not answer.failed
    assert [row.quantity for row in answer.rows] == list(range(45))


def test_the_quantities_of_several_warehouses_are_one_sku(platform_of, client_of):
    platform = platform_of(ok(data={}))
    products = client_of(platform).products
    [row] = products.update_sellable([(1, 2, {'A&B': 3, 'C': 4})]).rows
    assert row.quantity == 7
    products.update_sellable([(1, 2, {'C': 4})], warehouse_tag='Quantity')
    first, second = (
        ElementTree.fromstring(request.params['payload']) for request in platform.requests)
    assert [[part.text for part in each] for each in first.iter('MultiWarehouseInventory')] == [
        ['A&B', '3'], ['C', '4']]
    assert [each.tag for each in second.find('.//MultiWarehouseInventory')] == [
        'WarehouseCode', 'Quantity']
    assert len(first.findall('.//Sku')) == 1 and first.find('.//Sku/SellableQuantity') is None


def test_refused_calls_are_halved_until_the_skus_are_known(platform_of, client_of):
    def answer(request):
        skus = {sku for _item, sku, _quantity in sent_skus(request)}
        return load('error.4170') if skus & {'sku3', 'sku17'} else ok(data={})

    platform = platform_of(answer)
    answer = client_of(platform).products.update_sellable(stock(20))
    assert {row.sku_id for row in answer.failed} == {'sku3', 'sku17'}
    assert {(row.code, row.retry) for row in answer.failed} == {('4170', False)}
    assert 'campaign' in answer.failed[0].message
    assert len(platform.requests) < 20


def test_a_success_with_complaints_fails_the_skus_they_name(platform_of, client_of):
    platform = platform_of(ok(data={}, detail=[
        {'field': 'SkuId', 'message': 'too fast', 'code': '4154', 'sku_id': 'sku3'}]))
    answer = client_of(platform).products.update_sellable(stock(5))
    assert [(row.sku_id, row.code, row.message, row.retry) for row in answer.failed] == [
        ('sku3', '4154', 'too fast', True)]
    assert len(platform.requests) == 1


def test_of_twenty_two_are_refused_by_name_and_eighteen_not_sent_again(platform_of, client_of):
    def answer(request):
        assert len(sent_skus(request)) == 20
        return error('501', detail=[
            {'field': 'SkuId', 'message': 'may not decrease', 'code': '4170', 'seller_sku': 'A 3'},
            {'field': 'SkuId', 'message': 'too fast', 'code': '4154', 'seller_sku': 'A 17'}])

    platform = platform_of(answer)
    rows = [(*row, f'A {number}') for number, row in enumerate(stock(20))]
    answer = client_of(platform).products.update_sellable(rows)
    assert [(row.sku_id, row.code, row.retry) for row in answer.failed] == [
        ('sku3', '4170', False), ('sku17', '4154', True)]
    assert len(platform.requests) == 1


def test_two_complaints_about_one_sku_are_one_refusal(platform_of, client_of):
    platform = platform_of(error('501', detail=[
        {'field': 'SellableQuantity', 'message': 'may not decrease', 'code': '4170',
         'seller_sku': 'A 3'},
        {'field': 'SkuId', 'message': 'negative', 'code': 'THD_IC_ERR', 'seller_sku': 'A 3'}]))
    rows = [(*row, f'A {number}') for number, row in enumerate(stock(20))]
    answer = client_of(platform).products.update_sellable(rows)
    assert [(row.sku_id, row.code) for row in answer.failed] == [('sku3', '4170')]
    assert len(platform.requests) == 1


def shown(request, quantities, form=lambda number: {'sellableStock': number}):
    """What products/get shows of the SKUs asked for; `quantities`: {seller's SKU: quantity}."""
    wanted = json.loads(request.params['sku_seller_list'])
    return ok(data={'products': [
        {'item_id': 1000 + number, 'skus': [
            {'SkuId': f'sku{number}', 'SellerSku': sku, **form(quantities[sku])}]}
        for number, sku in ((int(sku[2:]), sku) for sku in wanted)]})


@pytest.mark.parametrize('code', ['501', '0'])
def test_complaints_without_names_are_read_back_and_eighteen_not_sent_again(
        platform_of, client_of, code):
    detail = [{'field': 'SkuId', 'message': 'may not decrease', 'code': '4170'}]
    truth = {f'A {number}': 99 for number in range(20)}

    def answer(request):
        if request.path.endswith('/products/get'):
            return shown(request, truth)
        sent = sent_skus(request)
        refused = [sku for _item, sku, _number in sent if sku in ('sku3', 'sku17')]
        truth.update({f'A {sku[3:]}': int(number) for _item, sku, number in sent
                      if sku not in refused})
        if not refused:
            return ok(data={})
        return ok(data={}, detail=detail * len(refused)) if code == '0' else error(
            code, detail=detail * len(refused))

    platform = platform_of(answer)
    rows = [(*row, f'A {number}') for number, row in enumerate(stock(20))]
    found = client_of(platform).products.update_sellable(rows)
    assert [(row.sku_id, row.code) for row in found.failed] == [
        ('sku3', '4170'), ('sku17', '4170')]
    assert len(found.rows) == 20
    paths = [request.path.rsplit('/', 2)[-2:] for request in platform.requests]
    assert paths.count(['products', 'get']) == 1
    sent = [[sku for _item, sku, _number in sent_skus(request)] for request in platform.requests
            if not request.path.endswith('/products/get')]
    assert (len(sent[0]), sent[1:]) == (20, [['sku3'], ['sku17']])
    reading = next(each for each in platform.requests if each.path.endswith('/products/get'))
    assert (reading.query['filter'], reading.query['options']) == ('all', '1')
    assert len(json.loads(reading.query['sku_seller_list'])) == 20


def test_of_complaints_some_of_which_name_their_sku_the_others_are_read_back(
        platform_of, client_of):
    detail = [{'message': 'too fast', 'code': '4154', 'seller_sku': 'A 1'},
              {'message': 'may not decrease', 'code': '4170'}]

    def answer(request):
        if request.path.endswith('/products/get'):
            assert 'A 1' not in json.loads(request.params['sku_seller_list'])
            return shown(request, {'A 0': 1, 'A 2': 9}, form=lambda number: {
                'multiWarehouseInventories': [
                    {'warehouseCode': 'X', 'sellableQuantity': number}]})
        return error('501', detail=detail if len(sent_skus(request)) == 3 else detail[1:])

    platform = platform_of(answer)
    rows = [(1, f'sku{number}', {'X': number + 1}, f'A {number}') for number in range(3)]
    answer = client_of(platform).products.update_sellable(rows)
    assert [(row.ok, row.code) for row in answer.rows] == [
        (True, '0'), (False, '4154'), (False, '4170')]
    assert len(platform.requests) == 3


def test_where_nothing_can_be_read_back_the_refused_ones_are_still_found(platform_of, client_of):
    def answer(request):
        if request.path.endswith('/products/get'):
            return error('70', 'corrupt')
        skus = {sku for _item, sku, _quantity in sent_skus(request)}
        return error('501', detail=[{'message': 'no', 'code': 'E0501'}]) if (
            'sku3' in skus) else ok(data={})

    rows = [(*row, f'A {number}') for number, row in enumerate(stock(8))]
    answer = client_of(platform_of(answer)).products.update_sellable(rows)
    assert [row.sku_id for row in answer.failed] == ['sku3']


def test_complaints_that_name_nobody_are_traced_by_halving(platform_of, client_of):
    def answer(request):
        skus = {sku for _item, sku, _quantity in sent_skus(request)}
        return ok(data={}, detail=[{
            'field': 'ItemId', 'message': 'ITEM_NOT_FOUND', 'code': 'E0501'}]
            if 'sku3' in skus else [])

    answer = client_of(platform_of(answer)).products.update_sellable(stock(8))
    assert [(row.sku_id, row.code) for row in answer.failed] == [('sku3', 'E0501')]


def test_the_detail_tells_why(platform_of, client_of):
    platform = platform_of(load('product.stock.sellable.update.error-501'))
    row, = client_of(platform).products.update_sellable(stock(1)).rows
    assert (row.ok, row.code, row.message) == (
        False, '501', 'negative sellable on channel inventory')


def test_a_broken_call_fails_its_rows_only_and_may_be_repeated(platform_of, client_of):
    def answer(request, handler):
        first = sent_skus(request)[0][1] == 'sku0'
        return reset(request, handler) if first else ok(data={})

    platform = platform_of(answer)
    answer = client_of(platform).products.update_sellable(stock(25))
    assert [row.retry for row in answer.failed] == [True] * 20
    assert len(platform.requests) == 3 + 1, 'absolute: tried three times'


@pytest.mark.parametrize('code', ['998', 'AppCallLimit'])
def test_a_ban_ends_the_sending(platform_of, client_of, code):
    platform = platform_of(error(code))
    answer = client_of(platform).products.update_sellable(stock(45))
    assert [(row.code, row.retry) for row in answer.rows] == [(code, True)] * 45
    assert len(platform.requests) == 1


@pytest.mark.parametrize('code', ['IllegalAccessToken', 'InsufficientPermission'])
def test_what_concerns_the_whole_shop_goes_up(platform_of, client_of, code):
    with pytest.raises(errors.LazadaApiError):
        client_of(platform_of(error(code))).products.update_sellable(stock(1))
