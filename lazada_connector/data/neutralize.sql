-- A copy of the database never calls Lazada: no tokens, nobody connected, every shop paused.
UPDATE lazada_account
   SET access_token = NULL,
       refresh_token = NULL,
       app_secret = 'neutralized',
       webhook_token = NULL,
       oauth_nonce = NULL,
       state = 'draft';

UPDATE lazada_shop
   SET paused = TRUE;
