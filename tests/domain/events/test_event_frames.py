"""What a frame of an app is called, and whose code it is, language by language."""

import pytest

from app.domain.events.event_frames import Rules, is_own, label
from tests.domain.events.app_events import frame

NONE = Rules()

# platform | path | function | module | what it is called; a `-` is nothing
LABELS = r"""
python     | shop/cart.py | total | shop.cart | shop.cart total
python     | /srv/releases/20261122/app.py | main | __main__ | app.py main
python     | /builds/acme/1234/shop/cart.py | Cart.total.<locals>.inner | - | shop/cart.py inner
python     | C:\agent\_work\1\s\shop\cart.py | total | - | shop/cart.py total
python     | /venv/lib/python3.12/site-packages/django/db/models/query.py | get | - | django/db/models/query.py get
javascript | https://cdn.acme.com/v7.1/static/js/main.4f3a2b1c.chunk.js?v=8 | Object.total [as sum] | - | main.chunk.js total
javascript | https://shop.acme.com/assets/Cart-DiwrgTda.js | Cart.prototype.total | - | Cart.js total
javascript | https://shop.acme.com/_next/static/chunks/pages/cart-0123456789abcdef.js | async total | - | pages/cart.js total
javascript | https://shop.acme.com/_next/static/chunks/117-9f8e7d6c5b4a3210.js | total | - | 0.js total
javascript | https://shop.acme.com/products/12345 | onclick | - | <page> onclick
javascript | https://shop.acme.com/products/12345 | HTMLButtonElement.onclick | - | <page> onclick
javascript | webpack-internal:///(app-pages-browser)/./src/Cart.tsx | _callee3$ | - | src/Cart.tsx _callee
javascript | webpack://shop/./src/Cart.vue?3dfd | new Cart | - | src/Cart.vue Cart
javascript | rsc://React/Server/webpack-internal:///(rsc)/./app/page.tsx?4 | Page | - | app/page.tsx Page
javascript | webpack:///./node_modules/vue/dist/vue.js | Vue.$emit | - | vue/dist/vue.js $emit
javascript | /app/node_modules/.pnpm/vue@3.4.1/node_modules/vue/dist/a.js | emit | - | vue/dist/a.js emit
javascript | app:///index.android.bundle | [3]</Cart.prototype.total/</< | - | index.android.bundle total
javascript | capacitor://localhost/main.3e9c2a8f1a2b3c4d.js | total$1 | - | main.js total
javascript | chrome-extension://abcdefghijklmnop/content.js | run | - | extension/content.js run
javascript | blob:https://shop.acme.com/0d4e2a | run | - | <blob> run
javascript | <anonymous> | Array.map | - | <anonymous> map
node       | /srv/shop/dist/routes/cart.js | Cart.total | routes:cart | routes:cart total
node       | /srv/shop/dist/routes/cart.js | Object.<anonymous> | - | routes/cart.js ?
node       | file:///srv/shop/dist/cart.mjs | Object.../src/cart.js | - | cart.mjs ?
node       | node:internal/process/task_queues | process.processTicksAndRejections | - | node:internal/process/task_queues processTicksAndRejections
java       | Cart.java | total | com.acme.Cart$$EnhancerBySpringCGLIB$$1a2b3c4d | com.acme.Cart total
java       | Cart.java | lambda$total$3 | com.acme.Cart | com.acme.Cart total
java       | Cart.java | run | com.acme.Cart$$Lambda$14/0x0000000800c03000 | com.acme.Cart run
java       | Cart.java | run | com.acme.Cart$1 | com.acme.Cart run
java       | Cart.java | total | com.acme.Cart$Inner | com.acme.Cart$Inner total
java       | - | total | jdk.proxy2.$Proxy112 | jdk.proxy.$Proxy total
java       | - | invoke | jdk.internal.reflect.GeneratedMethodAccessor123 | jdk.internal.reflect.GeneratedMethodAccessor invoke
java       | Thread.java | run | java.base/java.lang.Thread | java.lang.Thread run
kotlin     | Cart.kt | invokeSuspend | com.acme.CartKt$total$1 | com.acme.CartKt$total invokeSuspend
kotlin     | Cart.kt | total$lambda-3 | com.acme.CartKt | com.acme.CartKt total
kotlin     | Cart.kt | total-abc1234 | com.acme.CartKt | com.acme.CartKt total
scala      | Cart.scala | $anonfun$total$1 | com.acme.Cart$ | com.acme.Cart total
go         | /build/9/cart.go | (*Cart).Total.func1.2 | github.com/acme/shop/cart | github.com/acme/shop/cart (*Cart).Total
go         | /build/9/main.go | Map[...].func1 | main | main Map
go         | /build/9/main.go | glob..func2 | main | main glob
go         | /build/9/cart/cart.go | github.com/acme/shop/cart.(*Set[...]).Add-fm | - | github.com/acme/shop/cart (*Set).Add
go         | /root/go/pkg/mod/github.com/gin-gonic/gin@v1.9.1/context.go | - | - | github.com/gin-gonic/gin/context.go ?
ruby       | app/models/cart.rb | block (2 levels) in Cart#total | Cart | app/models/cart.rb total
ruby       | app/models/cart.rb | rescue in block in total | - | app/models/cart.rb total
ruby       | app/views/carts/show.html.erb | _app_views_carts_show_html_erb__2839483_12345 | - | app/views/carts/show.html.erb _app_views_carts_show_html_erb
ruby       | /usr/local/bundle/gems/rack-3.0.8/lib/rack/head.rb | call | - | rack/lib/rack/head.rb call
ruby       | app/models/cart.rb | <top (required)> | - | app/models/cart.rb <top_(required)>
php        | /src/Cart.php | App\Cart::total | - | Cart.php App\Cart::total
php        | /var/www/html/src/Cart.php | App\Cart::{closure:App\Cart::total():12} | - | Cart.php App\Cart::{closure}
php        | /var/www/html/src/Cart.php | class@anonymous/var/www/html/src/Cart.php:12$0::handle | - | Cart.php class@anonymous::handle
php        | /app/storage/framework/views/0123456789abcdef0123456789abcdef01234567.php | include | - | 0.php include
php        | /var/www/html/vendor/symfony/http-kernel/HttpKernel.php | handle | - | symfony/http-kernel/HttpKernel.php handle
csharp     | D:\a\1\s\Shop\Cart.cs | MoveNext | Acme.Shop.Cart+<TotalAsync>d__3 | Acme.Shop.Cart TotalAsync
csharp     | - | <Total>b__0_1 | Acme.Shop.Cart+<>c__DisplayClass3_0 | Acme.Shop.Cart Total
csharp     | - | Total { <lambda> } | Acme.Shop.Cart | Acme.Shop.Cart Total
csharp     | - | <Total>g__Local|4_0 | Acme.Shop.Cart`1[[System.Int32, mscorlib]] | Acme.Shop.Cart Total.Local
csharp     | - | async Task<decimal> Total(int id) | Acme.Shop.Cart | Acme.Shop.Cart Total
csharp     | - | lambda_method231(Closure , Object ) | - | ? lambda_method
swift      | - | closure #2 in closure #1 in CartView.total(of:) | /private/var/containers/Bundle/Application/0D4E2A00-1111-2222-3333-444455556666/Shop.app/Shop | Shop CartView.total
cocoa      | /private/var/containers/Bundle/Application/0D4E2A00-1111-2222-3333-444455556666/Shop.app/Shop | -[CartView tableView:didSelect:] | - | Shop CartView.tableView:didSelect:
cocoa      | CartView.m | __42-[CartView total:]_block_invoke_2 | - | CartView.m CartView.total:
cocoa      | CartView.swift | @objc CartView.tap(_:) | - | CartView.swift CartView.tap
native     | /usr/lib/libssl.so.3 | 0x1048b2c | - | libssl.so ?
native     | src/cart.cpp | void std::vector<int, std::allocator<int> >::push_back(int const&) | - | src/cart.cpp std::vector::push_back
native     | src/cart.cpp | main::$_0::operator()() const | - | src/cart.cpp main::lambda::operator_call
rust       | src/cart.rs | shop::cart::total::{{closure}}::h0123456789abcdef | shop | src/cart.rs shop::cart::total
rust       | src/cart.rs | <shop::Cart as core::ops::Drop>::drop | - | src/cart.rs shop::Cart::drop
dart       | package:shop/cart.dart | _CartState.total.<anonymous closure> | - | package:shop/cart.dart _CartState.total
other      | lib/shop/cart.ex | anonymous fn/1 in Shop.Cart.total/2 | Shop.Cart | Shop.Cart Shop.Cart.total
other      | src/Cart.tsx?t=1732267200 | Cart/this.total | - | src/Cart.tsx total
other      | - | - | - | -
javascript | <anonymous> | ? | - | -
javascript | https://shop.acme.com/products/12345 | - | - | -
cocoa      | - | <redacted> | - | -
"""


def _rows(table: str) -> list[list[str]]:
    rows = [[cell.strip() for cell in line.split(" | ")] for line in table.strip().splitlines()]
    return [["" if cell == "-" else cell for cell in row] for row in rows]


@pytest.mark.parametrize(("platform", "path", "function", "module", "called"), _rows(LABELS))
def test_a_frame_is_called_without_what_varies(
    platform: str, path: str, function: str, module: str, called: str
) -> None:
    assert label(frame(path or None, function or None, module or None), platform) == called


# The same code in two builds, or on two servers.
PAIRS = r"""
python     | /srv/a/shop/cart.py | /home/ada/src/shop/cart.py
python     | /app/main.py | /home/ada/main.py
javascript | https://a.acme.com/static/js/main.4f3a2b1c.js:1 | https://b.acme.com/v2/static/js/main.99aa77bb.js
javascript | https://acme.com/assets/index-BxY3kq9Z.js | https://acme.com/assets/index-C_o1-pQr.js
javascript | https://acme.com/_next/static/chunks/app/page-1111222233334444.js | https://acme.com/_next/static/chunks/app/page-abcdef0123456789.js
javascript | main-ES5.3f2a9b1c0d.js | main-ES5.00ff9b1c0d.js
ruby       | /app/releases/20260101/app/models/cart.rb | /srv/x/app/models/cart.rb
ruby       | /a/gems/rack-3.0.8/lib/rack.rb | /b/gems/rack-3.1.0/lib/rack.rb
php        | /app/var/cache/prod/ContainerBv3DkIo/getCart.php | /app/var/cache/prod/ContainerQz91aBc/getCart.php
php        | /app/var/cache/prod/twig/3f/3f9ab00112233445566778899aabbccd.php | /app/var/cache/prod/twig/0a/0a9ab00112233445566778899aabbccd.php
go         | /root/go/pkg/mod/github.com/x/y@v1.2.3/z.go | /home/ada/go/pkg/mod/github.com/x/y@v1.3.0/z.go
go         | github.com/x/y@v1.2.3/z.go | github.com/x/y@v1.3.0/z.go
csharp     | D:\a\1\s\Shop\Cart.cs | /home/runner/build/Shop/Cart.cs
native     | /private/var/containers/Bundle/Application/0D4E2A00-1111-2222-3333-444455556666/Shop.app/Shop | /private/var/containers/Bundle/Application/FFFF2A00-1111-2222-3333-444455556666/Shop.app/Shop
dart       | /home/ada/.pub-cache/hosted/pub.dev/http-1.2.0/lib/http.dart | /ci/.pub-cache/hosted/pub.dev/http-1.3.0/lib/http.dart
""".replace(".js:1 ", ".js ")


@pytest.mark.parametrize(("platform", "one", "other"), _rows(PAIRS))
def test_builds_and_servers_make_no_difference(platform: str, one: str, other: str) -> None:
    assert label(frame(one, "run"), platform) == label(frame(other, "run"), platform)


# Names that look alike and are different code.
DIFFERENT = r"""
python     | shop/cart.py | shop/order.py
python     | /srv/ui/cart.py | /srv/db/cart.py
python     | migrations/0001_initial.py | migrations/0002_initial.py
javascript | https://acme.com/static/js/user-settings.js | https://acme.com/static/js/user-profiles.js
javascript | https://acme.com/js/bootstrap4.js | https://acme.com/js/bootstrap5.js
javascript | https://acme.com/js/CartDetails.js | https://acme.com/js/CartSummary.js
javascript | src/pages/cart.tsx | src/pages/order.tsx
go         | github.com/acme/a/x.go | github.com/acme/b/x.go
"""


@pytest.mark.parametrize(("platform", "one", "other"), _rows(DIFFERENT))
def test_what_people_named_differently_stays_apart(platform: str, one: str, other: str) -> None:
    assert label(frame(one, "run"), platform) != label(frame(other, "run"), platform)


# platform | path | function | module | what the SDK says | own
OWNERS = r"""
python     | shop/cart.py | total | shop.cart | - | yes
python     | /venv/lib/python3.12/site-packages/django/x.py | get | django.x | - | no
python     | /usr/lib/python3.11/json/decoder.py | decode | json.decoder | - | no
python     | /venv/lib/python3.12/site-packages/acme/x.py | get | acme.x | yes | yes
python     | shop/cart.py | total | shop.cart | no | no
python     | <frozen importlib._bootstrap> | _call | importlib._bootstrap | - | no
javascript | https://shop.acme.com/static/js/main.4f3a2b1c.js | t | - | yes | yes
javascript | webpack:///./node_modules/vue/dist/vue.js | emit | - | yes | no
javascript | webpack:///~/react/lib/React.js | render | - | yes | no
javascript | https://cdn.jsdelivr.net/npm/vue@3.4.1/dist/vue.js | emit | - | yes | no
javascript | chrome-extension://abcdefghijklmnop/content.js | run | - | yes | no
javascript | <anonymous> | Array.map | - | yes | no
node       | node:internal/process/task_queues | process.runMicrotasks | - | - | no
node       | /srv/shop/dist/cart.js | total | cart | - | yes
java       | Cart.java | total | com.acme.Cart | - | yes
java       | Cart.java | total | com.acmecorp.kotlin.Cart | - | yes
java       | Thread.java | run | java.base/java.lang.Thread | - | no
java       | - | total | com.acme.Cart$$EnhancerBySpringCGLIB$$1a2b | - | no
java       | - | total | org.springframework.web.Filter | - | no
java       | - | total | org.springframework.web.Filter | yes | yes
kotlin     | Cart.kt | invokeSuspend | kotlinx.coroutines.Dispatch | - | no
go         | /build/cart.go | Total | github.com/acme/shop/cart | yes | yes
go         | /build/main.go | main | main | - | yes
go         | /root/go/pkg/mod/github.com/gin-gonic/gin@v1.9.1/gin.go | Next | github.com/gin-gonic/gin | yes | no
go         | /usr/local/go/src/net/http/server.go | ServeHTTP | net/http | yes | no
go         | net/http/server.go | HandlerFunc.ServeHTTP | net/http | - | no
go         | /build/vendor/github.com/x/y/z.go | Z | github.com/x/y | yes | no
ruby       | app/models/cart.rb | total | - | - | yes
ruby       | /usr/local/bundle/gems/rack-3.0.8/lib/rack.rb | call | - | - | no
ruby       | /usr/local/lib/ruby/3.2.0/net/http.rb | get | - | - | no
ruby       | <internal:kernel> | loop | - | - | no
php        | /src/Cart.php | App\Cart::total | - | yes | yes
php        | /vendor/symfony/http-kernel/HttpKernel.php | handle | - | yes | no
php        | [internal] | array_map | - | - | no
csharp     | - | Total | Acme.Shop.Cart | - | yes
csharp     | - | MoveNext | System.Linq.Enumerable+<Where>d__3 | - | no
csharp     | - | Invoke | Microsoft.AspNetCore.Mvc.Controller | - | no
csharp     | - | Total | SystemsInc.Cart | - | yes
cocoa      | /private/var/containers/Bundle/Application/0D4E2A00/Shop.app/Shop | -[Cart total] | - | - | yes
cocoa      | /private/var/containers/Bundle/Application/0D4E2A00/Shop.app/Frameworks/Alamofire.framework/Alamofire | f | - | - | no
cocoa      | UIKitCore | -[UIApplication run] | - | - | no
cocoa      | /usr/lib/swift/libswiftCore.dylib | swift_retain | - | - | no
rust       | src/cart.rs | shop::total::h0123456789abcdef | - | - | yes
rust       | /rustc/9fc6b43126469e3858e2fe86cafb4f0fd5068869/library/core/src/panicking.rs | core::panicking::panic | - | - | no
native     | src/cart.c | freeCart | - | - | yes
dart       | package:shop/cart.dart | total | - | - | yes
dart       | package:flutter/src/widgets/framework.dart | build | - | yes | no
dart       | dart:async/zone.dart | run | - | - | no
other      | - | - | - | yes | no
"""


@pytest.mark.parametrize(("platform", "path", "function", "module", "told", "own"), _rows(OWNERS))
def test_whose_code_a_frame_is(
    platform: str, path: str, function: str, module: str, told: str, own: str
) -> None:
    in_app = {"yes": True, "no": False}.get(told)
    one = frame(path or None, function or None, module or None, in_app=in_app)
    assert is_own(one, platform, NONE) is (own == "yes")


def test_the_settings_of_the_app_decide_before_the_sdk_and_the_rules() -> None:
    ours = frame("Cart.java", "total", "com.acme.shop.Cart", in_app=False)
    bought = frame("Pay.java", "pay", "com.acme.shop.bought.Pay", in_app=True)
    like = frame("Cart.java", "total", "com.acme.shopping.Cart", in_app=False)
    rules = Rules(("com.acme.shop",), ("com.acme.shop.bought",))
    assert [is_own(one, "java", rules) for one in (ours, bought, like)] == [True, False, False]


def test_the_settings_name_modules_or_paths_or_packages() -> None:
    scoped = frame("/app/node_modules/@acme/ui/dist/button.js", "press", in_app=True)
    assert not is_own(scoped, "node", NONE)
    assert is_own(scoped, "node", Rules(("@acme/",)))
    assert is_own(scoped, "node", Rules(("/app/node_modules/@acme",)))
    generated = frame("/srv/shop/generated/api.py", "call", "api", in_app=True)
    assert not is_own(generated, "python", Rules((), ("/srv/shop/generated",)))
    assert is_own(frame(r"C:\shop\cart.py", "call", in_app=False), "python", Rules((r"C:\shop",)))
